/** The status page and the badges, whatever others called their environments, checks and releases. */
import { NOW, pageManifest, sampleFiles } from './sample';
import { filesOf } from '../../../src/runtime/status-page/published-files';
import { NO_DATA, StatusData, withFindings, withMeasured } from '../../../src/runtime/status-page/status-data';

const sample = sampleFiles();
const page = sample['index.html'];

/** Elements in the order of their beginnings; fails where one does not end, or ends another. */
function elements(markup: string): string[] {
  const open: string[] = [];
  const all: string[] = [];
  for (const [, end, name, rest] of markup.replace(/<style>[\s\S]*?<\/style>/, '').matchAll(/<(\/?)([a-zA-Z]+)([^>]*)>/g)) {
    if (end) expect(open.pop()).toBe(name);
    else all.push(`${name}${rest}`);
    if (!end && !rest.endsWith('/') && !['meta'].includes(name)) open.push(name);
  }
  expect(open).toEqual([]);
  return all;
}

describe('the page', () => {
  it('is whole, and needs nothing from elsewhere', () => {
    const all = elements(page.replace('<!DOCTYPE html>', ''));
    expect(all.filter((one) => /^(script|link|img|iframe|object|embed|form|base)\b|\ssrc=|\son\w+=|javascript:/i.test(one))).toEqual([]);
    expect(page).toContain('default-src &#39;none&#39;'.replaceAll('&#39;', '\''));
    expect(page).not.toMatch(/url\(|@import/);
  });

  it('says what can be read without seeing: landmarks, captions, and words for each picture', () => {
    const all = elements(page.replace('<!DOCTYPE html>', ''));
    for (const landmark of ['header', 'main', 'footer', 'h1']) expect(all.filter((one) => one === landmark)).toHaveLength(1);
    const tables = all.filter((one) => /^table\b/.test(one)).length;
    expect(all.filter((one) => /^caption\b/.test(one))).toHaveLength(tables);
    const pictures = all.filter((one) => /^svg\b/.test(one));
    expect(pictures).toHaveLength(6);
    for (const one of pictures) {
      const ids = /aria-labelledby="([^"]*)"/.exec(one)![1].split(' ');
      for (const id of ids) expect(page.split(`id="${id}"`)).toHaveLength(2);
    }
    expect(new Set([...page.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id)).size).toBe([...page.matchAll(/ id="/g)].length);
  });

  it('shows availability, response times, incidents and DORA\'s figures', () => {
    expect(page).toMatch(/<th scope="row">search<\/th><td class="number">100 % <span class="quiet">of 289<\/span>/);
    expect(page).toMatch(/Response time<\/dt><dd>\d+ ms median, \d+ ms 95th percentile \(of 289 in 24 hours/);
    expect(page).toContain('<td class="what">api was unhealthy</td><td class="number">30 min</td>');
    expect(page).toContain('v1.4.0 was rolled back to v1.3.9');
    expect(page).toMatch(/11 \(2\.6 a week\)<\/td><td class="number">31 min 35 s<\/td><td class="number">1 of 12<\/td><td class="number">35 s/);
    expect(page).toContain('firing: api on staging');
  });

  it('shows no current state if the last probe is old', () => {
    const at = NOW - 2 * 86_400_000;
    const look = { name: 'production', checks: [{ name: 'api', mark: 'healthy', latencyMs: 5 } as const], firing: [], pending: [] };
    const files = filesOf(withMeasured(NO_DATA, { by: '1.1.a', at, environments: [look] }, at), { title: 'acme/shop', manifest: pageManifest(['production']), now: NOW });
    expect(files['index.html']).toContain('<title>acme/shop: not probed</title>');
    expect(files['badge-production.svg']).not.toContain('healthy');
  });

  it('says what is not known', () => {
    const empty = filesOf(NO_DATA, { title: 'acme/shop', manifest: pageManifest(['production']), now: NOW });
    expect(empty['index.html']).toContain('not probed');
    expect(empty['index.html']).toContain('not measured');
    expect(empty['index.html']).toContain('Nothing was measured.');
    expect(empty['index.html']).not.toMatch(/NaN|Infinity|undefined|null/);
    expect(empty['badge-production.svg']).toContain('not measured');
    expect(page).not.toMatch(/NaN|Infinity|undefined|null/);
  });
});

describe('hostile text', () => {
  const EVIL = '"><script>alert(1)</script><img src=x onerror=alert(2)> \u202e\u0000 &lt; \' `';

  function evilFiles(): Readonly<Record<string, string>> {
    let data: StatusData = withMeasured(NO_DATA, {
      by: '1',
      at: NOW,
      runUrl: 'javascript:alert(3)',
      environments: [{
        name: 'production',
        live: { version: EVIL, sha: EVIL, since: '2026-11-25T00:00:00Z' },
        checks: [{ name: EVIL, mark: 'bad' }, { name: '__proto__', mark: 'healthy', latencyMs: 3 }],
        firing: [EVIL],
        pending: [],
      }],
    }, NOW);
    data = withFindings(data, 'production', {
      attempts: [{ id: '1', kind: 'deploy', version: EVIL, sha: 'a'.repeat(40), state: 'rolledBack', createdAt: NOW - 1000, endedAt: NOW, backTo: EVIL }],
      attemptsFrom: NOW - 1000,
      alerts: [{ id: '1', check: EVIL, since: NOW }],
      episodes: [],
    }, NOW);
    return filesOf(data, { title: EVIL, manifest: pageManifest(['production'], () => 'javascript:alert(4)'), now: NOW });
  }

  it('stays text, on the page and in the badge', () => {
    const files = evilFiles();
    for (const name of ['index.html', 'badge-production.svg']) {
      const all = elements(files[name].replace('<!DOCTYPE html>', ''));
      expect(all.map((one) => one.replace(/"[^"]*"/g, '')).filter((one) => /^(script|img)|\sonerror/i.test(one))).toEqual([]);
      // eslint-disable-next-line no-control-regex -- that is what is looked for
      expect(files[name]).not.toMatch(/[\u0000\u202e]/);
    }
    expect(files['index.html']).not.toMatch(/href="javascript:/);
    expect(files['index.html']).toContain('&#60;script&#62;');
  });
});

describe('a badge', () => {
  it('says the environment, the release and how it is, in words', () => {
    const badge = sample['badge-staging.svg'];
    expect(badge).toContain('aria-label="staging: 3f2a91c firing"');
    elements(badge);
  });
});

it('a month of runs stays small', () => {
  expect(sample['data.json'].length).toBeLessThan(120_000);
  expect(page.length).toBeLessThan(60_000);
});
