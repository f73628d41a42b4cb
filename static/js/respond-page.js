// The enterprise's page: reads the round from the page, finds what this phone keeps, and waits for a tap.
import { parseCode } from './protocol/crockford.js';
import { App } from './respond/app.js';
import { painted } from './respond/dom.js';
import { dayText, language, speak, t } from './respond/language.js';
import { slotToResume } from './respond/records.js';
import { slotOf } from './respond/screen-code.js';
import { fetchBallot } from './respond/screens.js';
import { lackOfSupport } from './respond/support.js';

const PREFERENCES = 'pingyi-look'; // language and large print; says nothing about anybody

function preferences() {
  try {
    return JSON.parse(localStorage.getItem(PREFERENCES)) || {};
  } catch (error) {
    return {};
  }
}

function prefer(change) {
  try {
    localStorage.setItem(PREFERENCES, JSON.stringify({ ...preferences(), ...change }));
  } catch (error) {
    // kept for this visit only
  }
}

/** The code of the address, or '' when there is none; a wrong one is remembered to be said. */
function codeOfAddress(app) {
  const text = decodeURIComponent(location.hash.slice(1));
  app.scannedWrong = false;
  if (!text) return '';
  try {
    return parseCode(text);
  } catch (error) {
    app.scannedWrong = true;
    app.typedCode = text;
    return '';
  }
}

function prepareStart(app) {
  const code = codeOfAddress(app);
  const before = history.state && history.state.slot;
  app.open(code ? slotOf(code) : (app.records.read(before) && before) || slotToResume(app.records));
  const { record } = app;
  const resuming = Boolean(record && (record.credential || record.receipt));
  const start = document.getElementById('start');
  if (!start) return;
  start.disabled = false;
  start.textContent = t(resuming ? 'resume' : 'start');
  const note = document.getElementById('resume-note');
  note.classList.remove('late');
  note.textContent = resuming && record.credential ? t('resume.note') : '';
  start.onclick = () => {
    if (resuming) app.answer(() => app.go(record.receipt ? 'receipt' : record.at));
    else if (code) app.collect(code);
    else app.go('code');
  };
}

function wireLook(app) {
  const english = document.getElementById('language');
  const large = document.getElementById('large');
  const setLanguage = async (wanted) => {
    try {
      await speak(wanted, () => {
        const { body, opens_on, closes_on } = app.description;
        return { body, opens: dayText(opens_on), closes: dayText(closes_on) };
      });
    } catch (error) {
      app.warn('No network. 网络不通，请稍后再切换。');
      return;
    }
    english.textContent = wanted === 'en' ? '中文' : 'English';
    english.lang = wanted === 'en' ? 'zh-Hans-CN' : 'en';
    prefer({ language: wanted });
    await painted();
    prepareStart(app);
    app.draw();
  };
  const setLarge = (on) => {
    document.documentElement.classList.toggle('large', on);
    large.setAttribute('aria-pressed', String(on));
  };
  english.addEventListener('click', () => setLanguage(language() === 'en' ? 'zh' : 'en'));
  large.addEventListener('click', async () => {
    const on = large.getAttribute('aria-pressed') !== 'true';
    large.setAttribute('aria-pressed', String(on));
    prefer({ large: on });
    await painted();
    setLarge(on);
  });
  for (const control of [english, large]) control.hidden = false;
  if (preferences().large) setLarge(true);
  if (preferences().language === 'en') setLanguage('en');
}

function begin() {
  const description = JSON.parse(document.getElementById('round').textContent);
  const app = new App(description);
  wireLook(app);
  const lack = lackOfSupport();
  if (lack) {
    app.fail({ code: lack });
    return;
  }
  prepareStart(app);
  const start = () => app.arriveAt((history.state && history.state.step) || (app.scannedWrong ? 'code' : 'promise'), Boolean(history.state && history.state.returning));
  if (document.getElementById('start')) {
    fetchBallot().catch(() => {}); // whoever needs it will ask again, and say so
    start();
  } else if (app.record && (app.record.receipt || app.record.sealed)) app.show('receipt');
  window.addEventListener('popstate', () => {
    app.stopCollecting();
    prepareStart(app);
    start();
  });
}

begin();
