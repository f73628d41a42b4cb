// Which language the page speaks. Chinese comes with the page; English is fetched when asked for.
import { getOnce } from '../protocol/client.js';
import { TEXTS_ZH } from './texts/texts-zh.js';

const chosen = { language: 'zh', texts: TEXTS_ZH, english: null };
const original = new Map(); // what the server wrote, per element

/** The sentence `key` with its {placeholders} filled in. */
export function t(key, values = {}) {
  const text = chosen.texts[key] || TEXTS_ZH[key] || key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

/** More Chinese sentences; English has them all. */
export function addTexts(texts) {
  Object.assign(TEXTS_ZH, texts);
}

export function language() {
  return chosen.language;
}

/** A thing's name in the chosen language: name / name_en, label / label_en. */
export function named(thing, field = 'name') {
  return (chosen.language === 'en' && thing[`${field}_en`]) || thing[field];
}

/** An ISO day as all pages write it: 2026年7月1日, 2026-07-01. */
export function dayText(iso) {
  if (chosen.language !== 'zh') return iso;
  const [year, month, day] = iso.split('-').map(Number);
  return `${year}年${month}月${day}日`;
}

async function loadEnglish() {
  const { href, integrity } = document.getElementById('texts-en').dataset;
  return JSON.parse(await getOnce(href, { integrity }));
}

function translateServerTexts(values) {
  document.querySelectorAll('[data-t]').forEach((element) => {
    if (!original.has(element)) original.set(element, element.textContent);
    element.textContent = chosen.language === 'zh' ? original.get(element) : t(element.dataset.t, { ...values(), ...element.dataset });
  });
}

/** Speak `language` from now on; rejects, and changes nothing, when English cannot be loaded. */
export async function speak(language, values) {
  if (language === 'en' && !chosen.english) chosen.english = await loadEnglish();
  chosen.language = language;
  chosen.texts = language === 'en' ? chosen.english : TEXTS_ZH;
  document.documentElement.lang = language === 'en' ? 'en' : 'zh-Hans-CN';
  translateServerTexts(values);
}
