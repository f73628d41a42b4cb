// The enterprise's page: reads the round from the page, finds what this phone keeps, and waits for a tap.
import { findCode, splitCode } from './protocol/crockford.js';
import { checkNumberOf, readDescription } from './protocol/description.js';
import { App } from './phone/app.js';
import { painted } from './phone/dom.js';
import { dayText, language, speak, t } from './phone/language.js';
import { oldSlotOf, slotOf, slotToResume, standingOf } from './phone/records.js';
import { fetchScreen } from './phone/screens/screens.js';
import { lackOfSupport } from './phone/support.js';

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

/**
 * The code of the address, or '' when there is none, which is remembered to be said where one seems to be meant.
 * Messengers also move it into the path or the query; from there it is taken back, lest a reload sends it once more.
 */
function codeOfAddress(app) {
  const { pathname, search, hash } = location;
  const home = `/s/${app.description.slug}`;
  const parts = [hash.slice(1), pathname.slice(home.length), search];
  const found = parts.map(findCode).find(Boolean) || '';
  app.scannedWrong = !found && (parts[0] || parts[1]).length > 3;
  if (found || pathname !== home) history.replaceState(history.state, '', found ? `${home}#${found}` : home + search + hash);
  return found;
}

/** The record to go on with: of the code in the address, of this tab's history, or the only one that asks for it. */
async function slotHere(app, code) {
  if (code) return slotOf(app.description.id, code);
  const { slot, step } = history.state || {};
  if (step === 'code') return null; // somebody else than whose record is here
  if (slot) return app.records.read(slot) && slot; // erased meanwhile: nobody else's takes its place
  return slotToResume(app.records);
}

async function prepareStart(app) {
  const [code, pin] = splitCode(codeOfAddress(app));
  if (code) app.code = code;
  app.pin = pin;
  app.open(await slotHere(app, code));
  sayHowToStart(app);
}

/** Writes the number that this phone computes itself, whether the link that led here says the same, and what the button
 * does. */
function sayHowToStart(app) {
  const found = codeOfAddress(app);
  const [code] = splitCode(found);
  if (app.checkNumber) document.getElementById('check').textContent = app.checkNumber;
  document.getElementById('pinned').textContent = app.pin || code ? t(app.pin ? 'pin.same' : 'pin.none') : '';
  const start = document.getElementById('start');
  if (!start) return;
  const unpinned = document.getElementById('unpinned');
  if (unpinned) {
    unpinned.hidden = Boolean(app.pin || !code);
    unpinned.querySelector('code').textContent = app.checkNumber;
  }
  const standing = standingOf(app.record);
  const unfinished = ['credential', 'sealed'].includes(standing);
  const receipt = standing === 'receipt';
  const resume = () => app.answer(() => app.go(receipt ? 'receipt' : app.record.at));
  start.disabled = false;
  start.textContent = t(unfinished ? 'resume' : receipt && code ? 'receipt.show' : 'start');
  start.onclick = unfinished || (receipt && code) ? resume : () => (code ? app.collect(found) : app.leave());
  const note = document.getElementById('resume-note');
  note.classList.remove('late');
  note.textContent = unfinished ? t('resume.note') : '';
  // Without a code nobody knows whose record this is: it is not in the way of who comes with another one.
  const other = document.getElementById('other');
  other.hidden = !unfinished && !receipt;
  other.textContent = t(receipt && !code ? 'receipt.show' : 'other');
  other.onclick = receipt && !code ? resume : () => app.go('erase');
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
    sayHowToStart(app); // the record at hand stays, kept or not
    app.draw();
  };
  const setLarge = (on) => {
    document.documentElement.classList.toggle('large', on);
    large.setAttribute('aria-pressed', String(on));
  };
  english.addEventListener('click', async () => {
    english.disabled = true; // a second tap meanwhile would ask for the same language
    await setLanguage(language() === 'en' ? 'zh' : 'en');
    english.disabled = false;
    english.focus();
  });
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

async function begin() {
  const description = readDescription(JSON.parse(document.getElementById('round').textContent));
  const app = new App(description);
  // A clerk fills this in for somebody on the telephone: the desk says so in the link, the tab's name keeps it.
  if (location.hash.endsWith('&interview')) window.name = 'interview';
  app.interview = window.name === 'interview';
  if (app.interview) fetchScreen('interview').catch(() => {});
  wireLook(app);
  const lack = lackOfSupport();
  if (lack) {
    app.fail({ code: lack });
    return;
  }
  app.checkNumber = await checkNumberOf(description);
  await prepareStart(app);
  const start = () => {
    const { step, returning } = history.state || {};
    if (app.exchanged(app.record)) app.fail({ code: 'not_as_handed_out' });
    else if (document.getElementById('start')) app.arriveAt(step || (app.scannedWrong ? 'code' : 'promise'), Boolean(returning));
    else if (!app.record && app.code && app.records.read(oldSlotOf(app.code))) app.askAboutOld(app.slot, oldSlotOf(app.code));
    else app.show(app.record ? 'after' : 'promise');
  };
  if (document.getElementById('start')) fetchScreen('pick').catch(() => {}); // whoever needs it will ask again, and say so
  start();
  window.addEventListener('popstate', async () => {
    app.stopCollecting();
    await prepareStart(app);
    start();
  });
  app.records.follow(() => (app.step === 'promise' ? prepareStart(app) : app.follow()));
}

begin();
