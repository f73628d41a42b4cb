// A login link carries its token after the "#", which no server sees: it goes into the form and out of the address.
export function takeEnrolToken(page) {
  const form = page.querySelector('[data-enrol]');
  const token = location.hash.slice(1);
  if (!form || !token) return;
  form.elements.token.value = token;
  page.querySelector('[data-enrol-token]').hidden = true;
  history.replaceState(null, '', location.pathname + location.search);
}
