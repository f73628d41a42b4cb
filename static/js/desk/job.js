// Follows a job: asks for its state every second, loads the page anew when it has ended, and then tells the end.
const JOB_PAUSE = 1000;
const JOB_RUNNING = ['waiting', 'running'];
const JOB_ENDED = 'pingyi-job-ended';
// A screen reader is told of quarters, not of every second.
const JOB_SHARE = 25;

export function followJob(page) {
  tellEnd(page);
  const area = page.querySelector('[data-job]');
  if (!area) return;
  const ask = async () => {
    try {
      const reply = await fetch(area.dataset.job, { headers: { Accept: 'application/json' } });
      const job = await reply.json();
      if (!reply.ok || !JOB_RUNNING.includes(job.state)) {
        sessionStorage.setItem(JOB_ENDED, page.location.pathname);
        page.location.reload();
        return;
      }
      showJob(area, job);
    } catch (error) {
      // The network may come back; the job goes on without us.
    }
    setTimeout(ask, JOB_PAUSE);
  };
  setTimeout(ask, JOB_PAUSE);
}

function showJob(area, job) {
  const bar = area.querySelector('[data-job-progress]');
  write(area.querySelector('[data-job-step]'), job.step);
  if (job.total > 1) {
    bar.max = job.total;
    bar.value = job.done;
    const share = Math.floor((100 * job.done) / job.total / JOB_SHARE) * JOB_SHARE;
    write(area.querySelector('[data-job-share]'), share ? `${share} %` : '');
  } else {
    bar.removeAttribute('value');
  }
}

function write(place, text) {
  if (text && place.textContent !== text) place.textContent = text;
}

/** What was loaded anew is read from its top again, unless the focus goes to what is new. */
function tellEnd(page) {
  const end = page.querySelector('[data-job-end]');
  if (!end || sessionStorage.getItem(JOB_ENDED) !== page.location.pathname) return;
  sessionStorage.removeItem(JOB_ENDED);
  end.focus();
}
