// The administrators' preview: the enterprise's own screens, without a code, a credential or a request.
import { readDescription } from './protocol/description.js';
import { App } from './phone/app.js';
import { addBallot } from './phone/screens/ballot-screens.js';
import { button, h, heading, note, stepBar } from './phone/dom.js';
import { dayText, language, speak } from './phone/language.js';
import { addLater } from './phone/screens/later-screens.js';
import { newRecord } from './phone/records.js';

const PREVIEW_SLOT = 'preview';
const NOT_SENT = ['submit', 'sending', 'receipt', 'collecting', 'erase'];

function forgetful() {
  const kept = new Map();
  return {
    lasting: true,
    slots: () => [...kept.keys()],
    read: (slot) => kept.get(slot) || null,
    write: (slot, record) => Boolean(kept.set(slot, record)),
    clear: (slot) => kept.delete(slot),
  };
}

class Preview extends App {
  constructor(description) {
    super(description);
    this.records = forgetful();
  }

  save() {}

  begin() {
    this.slot = PREVIEW_SLOT;
    this.record = { ...newRecord(), credential: { preview: true } };
    this.go('pick');
  }

  screen() {
    return NOT_SENT.includes(this.step) ? this.end() : super.screen();
  }

  end() {
    const { title, text, again } = document.getElementById('preview-end').dataset;
    const home = () => {
      this.record = null;
      this.replace('promise');
    };
    return h('div', {}, heading(title), note(text), stepBar(button(again, home, 'primary')));
  }
}

function wireLanguage(preview) {
  const control = document.getElementById('language');
  control.hidden = false;
  control.addEventListener('click', async () => {
    const wanted = language() === 'en' ? 'zh' : 'en';
    const { body, opens_on, closes_on } = preview.description;
    await speak(wanted, () => ({ body, opens: dayText(opens_on), closes: dayText(closes_on) }));
    control.textContent = wanted === 'en' ? '中文' : 'English';
    control.lang = wanted === 'en' ? 'zh-Hans-CN' : 'en';
    preview.draw();
  });
}

function showPreview() {
  addBallot();
  addLater();
  const preview = new Preview(readDescription(JSON.parse(document.getElementById('round').textContent)));
  const start = document.getElementById('start');
  start.disabled = false;
  document.getElementById('resume-note').textContent = '';
  start.onclick = () => preview.begin();
  window.addEventListener('popstate', () => preview.show((history.state && history.state.step) || 'promise'));
  wireLanguage(preview);
}

showPreview();
