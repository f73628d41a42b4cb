// "All / none" for a group of departments: one tick that follows and sets the others.
export function enhanceGroups(page) {
  for (const area of page.querySelectorAll('[data-toggle-groups] fieldset fieldset')) {
    const legend = area.querySelector('legend');
    const boxes = [...area.querySelectorAll('.choices input[type=checkbox]')];
    if (!legend || boxes.length < 2) continue;
    const label = page.createElement('label');
    label.className = 'choice';
    const master = page.createElement('input');
    master.type = 'checkbox';
    const text = page.createElement('span');
    text.textContent = legend.textContent;
    label.append(master, text);
    legend.replaceChildren(label);
    const follow = () => {
      const ticked = boxes.filter((box) => box.checked).length;
      master.checked = ticked === boxes.length;
      master.indeterminate = ticked > 0 && ticked < boxes.length;
    };
    master.addEventListener('change', () => {
      for (const box of boxes) box.checked = master.checked;
    });
    area.addEventListener('change', follow);
    follow();
  }
}
