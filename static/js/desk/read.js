// Notes that a problem that was handed over has been read; without a script its button does.
export async function noteReading(page) {
  const form = page.querySelector('form[data-reading]');
  if (!form) return;
  try {
    const reply = await fetch(form.action, { method: 'POST', body: new FormData(form) });
    form.hidden = reply.ok;
  } catch (error) {
    // The button stays.
  }
}
