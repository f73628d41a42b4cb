// The page on which a reviewer makes a key, saves it, and proves that the saved file works.
import { exponentOf, newPassphrase, STRONG_ENOUGH } from './keyholder/strength.js';
import { keyFileName, makeKey, proveKey, saveAsFile, statedPublicKey } from './keyholder/keyholder.js';

const KEY_TEXTS = {
  zh: {
    short: '口令至少 {n} 个字符。',
    weak: '这个口令太容易猜到。请避开姓名、日期、电话和常见的词，用四五个不相干的词，或者点“替我想一个”。',
    offered: '口令已经填好：{text}。请抄在纸上，与钥匙文件分开保管，再按“生成并保存钥匙文件”。',
    different: '两遍口令不一样，请重新输入。',
    making: '正在生成钥匙，请稍候…',
    saved: '钥匙文件“{name}”已保存。请在第二步选择这个文件。',
    proving: '正在验证…',
    done: '验证通过，您是持钥人了。请保管好钥匙文件和口令，缺一不可。',
    not_a_key_file: '这不是完好的钥匙文件，请选择刚才保存的文件。',
    key_of_another_round: '这是别的轮次的钥匙文件，请选择本轮的。',
    wrong_passphrase: '口令不对，请重新输入后再选一次文件。',
    not_this_key: '这份文件不是最近生成的那一份，请重新选择。',
    offline: '网络不通，没有完成。请检查网络后再试一次。',
    insecure: '这个地址没有加密，不能生成钥匙。请用 https:// 开头的地址打开。',
    failed: '没有完成：{why}',
  },
  en: {
    short: 'The passphrase needs at least {n} characters.',
    weak: 'This passphrase is easily guessed. Avoid names, dates, numbers and common words; use four or five unrelated words, or press “Suggest one”.',
    offered: 'The passphrase is filled in: {text}. Write it on paper, keep it apart from the key file, then press “Make and save the key file”.',
    different: 'The two passphrases differ. Please type them again.',
    making: 'Making the key…',
    saved: 'The key file “{name}” is saved. Choose it in step two.',
    proving: 'Checking…',
    done: 'It works: you are a key holder now. Keep both the key file and the passphrase; one is useless without the other.',
    not_a_key_file: 'This is not an intact key file. Choose the file you have just saved.',
    key_of_another_round: 'This key file belongs to another round.',
    wrong_passphrase: 'Wrong passphrase. Type it again, then choose the file again.',
    not_this_key: 'This is not the file made last. Please choose again.',
    offline: 'No network; nothing was completed. Check your connection and try again.',
    insecure: 'This address is not encrypted, so no key can be made. Open the address that begins with https://.',
    failed: 'Not completed: {why}',
  },
};

// What is said stands right below the field that it is about; the field to be mended has the focus.
function say(kind, key, { at = null, ...values } = {}) {
  const texts = document.documentElement.lang.startsWith('en') ? KEY_TEXTS.en : KEY_TEXTS.zh;
  const status = document.getElementById('key-status');
  status.className = `note note-${kind}`;
  status.textContent = texts[key].replace(/\{(\w+)\}/g, (whole, name) => values[name]);
  for (const field of document.querySelectorAll('#key-form input')) field.removeAttribute('aria-invalid');
  if (at) at.after(status);
  if (at && kind === 'danger') {
    at.setAttribute('aria-invalid', 'true');
    at.setAttribute('aria-describedby', [at.dataset.hint, status.id].filter(Boolean).join(' '));
    at.focus();
  }
}

function sayFailure(error) {
  const texts = KEY_TEXTS.zh;
  const at = document.getElementById(error.code === 'wrong_passphrase' ? 'passphrase' : 'key-file');
  if (!(error.code in texts)) say('danger', 'failed', { why: error.message });
  else say('danger', error.code, error.code === 'offline' ? {} : { at });
}

async function postForKey(url, body) {
  const token = document.querySelector('meta[name="csrf-token"]').content;
  const headers = { 'Content-Type': 'application/json', Accept: 'application/json', 'X-CSRFToken': token };
  let response;
  try {
    response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body), credentials: 'same-origin' });
  } catch (error) {
    throw Object.assign(error, { code: 'offline' });
  }
  const reply = await response.json().catch(() => ({ message: `HTTP ${response.status}` }));
  if (!response.ok) throw new Error([reply.message, reply.remedy].filter(Boolean).join(' '));
  return reply;
}

function passphraseMistake(passphrase, again, known) {
  const least = passphrase.minLength > 0 ? passphrase.minLength : 12;
  if ([...passphrase.value].length < least) return ['short', { n: least, at: passphrase }];
  if (exponentOf(passphrase.value, known) < STRONG_ENOUGH) return ['weak', { at: passphrase }];
  return passphrase.value === again.value ? null : ['different', { at: again }];
}

function wireKeyForm(form) {
  const { roundId, slug, holder, registerUrl, proveUrl } = form.dataset;
  const [passphrase, again, file] = ['passphrase', 'passphrase-again', 'key-file'].map((id) => document.getElementById(id));
  const registered = { publicKey: '', challenge: '' };

  async function register(publicKey) {
    const { challenge } = await postForKey(registerUrl, { public_key: publicKey });
    Object.assign(registered, { publicKey, challenge });
  }

  async function create() {
    const mistake = passphraseMistake(passphrase, again, [holder, slug]);
    if (mistake) {
      say('danger', ...mistake);
      return;
    }
    say('working', 'making', { at: again });
    const { publicKey, text } = await makeKey({ slug, roundId, holder, passphrase: passphrase.value });
    await register(publicKey);
    saveAsFile(keyFileName(slug, holder), text);
    say('ok', 'saved', { name: keyFileName(slug, holder), at: file });
    file.focus();
  }

  async function prove() {
    const text = await file.files[0].text();
    say('working', 'proving', { at: file });
    const stated = statedPublicKey(text);
    // After a reload the challenge is gone; the file says which key to ask a new one for.
    if (stated && !registered.publicKey) await register(stated);
    const proof = await proveKey({ text, passphrase: passphrase.value, roundId, challenge: registered.challenge });
    await postForKey(proveUrl, { proof });
    say('ok', 'done', { at: file });
  }

  document.getElementById('key-offer').addEventListener('click', () => {
    const text = newPassphrase();
    passphrase.value = text;
    again.value = text;
    say('ok', 'offered', { text, at: again });
  });

  const busy = (action) => async () => {
    form.setAttribute('aria-busy', 'true');
    await action().catch(sayFailure);
    form.removeAttribute('aria-busy');
  };
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    busy(create)();
  });
  file.addEventListener('change', () => {
    if (file.files.length) busy(prove)().then(() => { file.value = ''; });
  });
}

const keyForm = document.getElementById('key-form');
if (keyForm && window.isSecureContext === false) say('danger', 'insecure');
else if (keyForm) wireKeyForm(keyForm);
