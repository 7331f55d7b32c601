// Opens pages in Chromium as people do: narrow and wide, light and dark, and by the keyboard alone. Prints a line for each thing
// that is wrong, and "checked" for each page at the end.
//   node check.js CHROMIUM FOLDER_OF_PICTURES_OR_- ADDRESS...
// Of an address that ends in #hostile it wants only that nothing of the page is run.
const { chromium } = require('playwright-core');
const axe = require('fs').readFileSync(require.resolve('axe-core'), 'utf8');
const [program, pictures, ...addresses] = process.argv.slice(2);
const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
const flags = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
const wrong = (at, what) => console.log(`${at}: ${what}`);
const patience = 150000;

async function rules(page, at) {
  await page.evaluate(axe); // which the page's own policy would not let in as a script
  const found = await page.evaluate((values) => axe.run({ runOnly: { type: 'tag', values } }), tags);
  for (const v of found.violations) {
    wrong(at, `${v.id}: ${v.help}: ${v.nodes.map((n) => n.target.join(' ')).slice(0, 3).join(' | ')}`);
  }
  if (found.passes.length < 8) wrong(at, `only ${found.passes.length} rules had anything to look at`);
}

async function fits(page, at) {
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  if (wide > 0) wrong(at, `the page is ${wide} pixels wider than the window`);
}

// What can be reached by the keyboard is reached in order, seen, marked, in the window and large enough to hit.
async function keyboard(page, at) {
  const reachable = await page.evaluate(() => [...document.querySelectorAll('a[href], button, select, summary')].length);
  let reached = 0;
  for (let i = 0; i < reachable + 5; i++) {
    await page.keyboard.press('Tab');
    const one = await page.evaluate(async () => {
      const e = document.activeElement;
      if (!e || e === document.body || e.dataset.reached) return null;
      e.dataset.reached = 'yes';
      const inside = () => { const b = e.getBoundingClientRect(); return b.top > -1 && b.left > -1 && b.bottom < innerHeight + 1 && b.right < innerWidth + 1; };
      for (let frame = 0; frame < 60 && !inside(); frame++) await new Promise(requestAnimationFrame); // the browser scrolls there by and by
      const box = e.getBoundingClientRect(), style = getComputedStyle(e);
      return {
        name: e.textContent.trim().slice(0, 40) || e.tagName, marked: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
        inside: inside(), where: `${box.left} to ${box.right}, ${box.top} to ${box.bottom} of ${innerHeight}`, width: box.width, height: box.height,
        inText: ['P', 'TD', 'TH', 'SPAN'].includes(e.parentElement.tagName),
      };
    });
    if (!one) break;
    reached++;
    if (reached === 1 && one.name !== 'Skip to main content') wrong(at, `the keyboard comes first to "${one.name}"`);
    if (!one.marked) wrong(at, `"${one.name}" is not marked when the keyboard is on it`);
    if (!one.inside) wrong(at, `"${one.name}" is not in the window when the keyboard is on it (${one.where})`);
    if (!one.inText && (one.width < 24 || one.height < 24)) wrong(at, `"${one.name}" is ${one.width} by ${one.height} pixels`);
  }
  if (reached !== reachable) wrong(at, `the keyboard reaches ${reached} of ${reachable}`);
}

async function skips(page, address, at) {
  await page.goto(address);
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  if (await page.evaluate(() => document.activeElement.id) !== 'main') wrong(at, 'the skip link does not lead to the main part');
}

// A page that is watched says what of it is loaded from elsewhere, fails, or runs.
async function watched(browser, address, at) {
  const page = await browser.newPage();
  page.on('console', (m) => { if (m.type() === 'error' && !m.location().url.includes('/no-such-page')) wrong(at, m.text()); });
  page.on('dialog', (d) => { wrong(at, `a script ran: ${d.message()}`); d.dismiss(); });
  page.on('request', (r) => { if (new URL(r.url()).host !== new URL(address).host) wrong(at, `it asks ${r.url()}`); });
  return page;
}

async function picture(page, at) {
  if (pictures !== '-') await page.screenshot({ path: `${pictures}/${at.replace(/[^a-z0-9]+/gi, '-')}.png`, fullPage: true });
}

async function look(browser, address) {
  const name = new URL(address).pathname, page = await watched(browser, address, name);
  for (const width of [320, 810, 1024]) {
    await page.setViewportSize({ width, height: 844 });
    await page.goto(address);
    await fits(page, `${name} at ${width} pixels`);
  }
  await page.setViewportSize({ width: 700, height: 844 }); // about a sheet of A4
  await page.emulateMedia({ media: 'print' });
  await fits(page, `${name} on paper`);
  await page.emulateMedia({ media: 'screen' });
  for (const width of [390, 1280]) {
    const at = `${name} at ${width} pixels`;
    await page.setViewportSize({ width, height: 844 });
    await page.goto(address);
    await picture(page, at);
    await page.emulateMedia({ colorScheme: 'dark' });
    await picture(page, `${at}, dark`);
    await page.evaluate(() => document.querySelectorAll('details').forEach((d) => { d.open = true; }));
    await rules(page, `${at}, dark`);
    await page.emulateMedia({ colorScheme: 'light' });
    await rules(page, at);
    await fits(page, at);
    await keyboard(page, at);
    await skips(page, address, at);
  }
  await page.close();
}

// A hostile page shows texts that would open a dialog if they were run.
async function harmless(browser, address) {
  const at = `${new URL(address).pathname} of hostile texts`, page = await watched(browser, address, at);
  await page.goto(address);
  await page.evaluate(() => document.querySelectorAll('details').forEach((d) => { d.open = true; }));
  await page.evaluate(() => document.querySelectorAll('main *').forEach((e) => e.dispatchEvent(new MouseEvent('mouseover'))));
  await page.close();
}

(async () => {
  const browser = await chromium.launch({ executablePath: program, args: flags });
  for (const address of addresses) {
    const late = setTimeout(() => { console.log(`broken: ${address} takes too long`); process.exit(1); }, patience);
    const hostile = address.endsWith('#hostile');
    await (hostile ? harmless : look)(browser, address);
    clearTimeout(late);
    console.log(`checked ${address}`);
  }
  await browser.close();
})().catch((e) => { console.log(`broken: ${e.stack}`); process.exitCode = 1; });
