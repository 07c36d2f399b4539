// Fails if a page of the built site links to a page, a heading or a file that is not there.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, posix } from 'node:path';

const DIST = join(import.meta.dirname, 'dist');
const BASE = process.env.SITE_BASE ?? '/projen-delivery/';

const pages = new Map(readdirSync(DIST, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.html')).map((name) => {
  const html = readFileSync(join(DIST, name), 'utf8');
  return [name, { ids: new Set([...html.matchAll(/ (?:id|name)="([^"]+)"/g)].map(([, id]) => id)), links: [...html.matchAll(/ (?:href|src)="([^"]+)"/g)].map(([, link]) => link.replaceAll('&amp;', '&')) }];
}));

function faultOf(from, link) {
  if (/^(?:[a-z]+:|\/\/)/.test(link)) return undefined;
  const [address, anchor] = link.split('#');
  const path = address === '' ? from : address.startsWith('/') ? address : posix.join(BASE, posix.dirname(from), address);
  if (address !== '' && !`${path}/`.startsWith(BASE)) return 'is outside of the site';
  const name = address === '' ? from : decodeURIComponent(path.slice(BASE.length).split('?')[0]);
  const file = [name, `${name}.html`, posix.join(name, 'index.html')].find((one) => existsSync(join(DIST, one)) && statSync(join(DIST, one)).isFile());
  if (file === undefined) return 'is not there';
  if (anchor === undefined || anchor === '' || !pages.has(file)) return undefined;
  return pages.get(file).ids.has(decodeURIComponent(anchor)) ? undefined : `${file} has no heading #${anchor}`;
}

const faults = [...pages].flatMap(([page, { links }]) => [...new Set(links)].flatMap((link) => {
  const fault = faultOf(page, link);
  return fault === undefined ? [] : [`${page}: ${link}: ${fault}`];
}));
for (const fault of faults) console.error(`site: ${fault}`);
console.log(`site: ${pages.size} pages, ${[...pages.values()].reduce((sum, { links }) => sum + links.length, 0)} links, ${faults.length} dead`);
process.exitCode = faults.length > 0 ? 1 : 0;
