/**
 * Filters what is marked by data-severity; without it everything is shown. It holds nothing of a report, so that the
 * page can name its hash, and no other script runs.
 */
export const script = `
const form = document.querySelector('form');
const search = form.querySelector('input[type=search]');
const boxes = [...form.querySelectorAll('input[type=checkbox]')];
const items = [...document.querySelectorAll('[data-severity]')];
const texts = items.map((item) => item.textContent.toLowerCase());
function filter() {
  const word = search.value.trim().toLowerCase();
  const shown = new Set(boxes.filter((box) => box.checked).map((box) => box.value));
  let count = 0;
  items.forEach((item, i) => {
    const isShown = texts[i].includes(word) && (shown.has(item.dataset.severity) || !boxes.some((box) => box.value === item.dataset.severity));
    item.hidden = !isShown;
    if (isShown) count += 1;
  });
  form.querySelector('output').textContent = count === items.length ? '' : count + ' of ' + items.length + ' shown';
}
form.addEventListener('input', filter);
form.addEventListener('submit', (event) => event.preventDefault());
form.querySelector('button').addEventListener('click', () => {
  const folds = [...document.querySelectorAll('details')];
  const open = folds.some((fold) => !fold.open);
  folds.forEach((fold) => { fold.open = open; });
});
form.hidden = false;
`;

/** SHA-256 of the script in base64, as a Content-Security-Policy names it; a test holds the two together. */
export const scriptHash = 'ovNzdvs5TfTISsiyXGnVM0Xf6QVk96AylDzl7ZvipO0=';
