// Follows a job: asks for its state every second, and loads the page anew when it has ended.
const JOB_PAUSE = 1000;
const JOB_RUNNING = ['waiting', 'running'];

export function followJob(page) {
  const area = page.querySelector('[data-job]');
  if (!area) return;
  const step = area.querySelector('[data-job-step]');
  const bar = area.querySelector('[data-job-progress]');
  const show = (job) => {
    if (job.step && step.textContent !== job.step) step.textContent = job.step;
    if (job.total > 1) {
      bar.max = job.total;
      bar.value = job.done;
    } else {
      bar.removeAttribute('value');
    }
  };
  const ask = async () => {
    try {
      const reply = await fetch(area.dataset.job, { headers: { Accept: 'application/json' } });
      const job = await reply.json();
      if (!reply.ok || !JOB_RUNNING.includes(job.state)) {
        page.location.reload();
        return;
      }
      show(job);
    } catch (error) {
      // The network may come back; the job goes on without us.
    }
    setTimeout(ask, JOB_PAUSE);
  };
  setTimeout(ask, JOB_PAUSE);
}
