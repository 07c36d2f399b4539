/** The shop's own tests of its delivery, run by its own jest as in docs/testing.md. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CHECKOUT } from './workspace';

let shop: string;

beforeEach(() => {
  shop = join(mkdtempSync(join(tmpdir(), 'shop-tests-')), 'shop');
  cpSync(join(CHECKOUT, 'examples/shop'), shop, { recursive: true });
  mkdirSync(join(shop, 'node_modules'));
  for (const name of readdirSync(join(CHECKOUT, 'node_modules'))) symlinkSync(join(CHECKOUT, 'node_modules', name), join(shop, 'node_modules', name));
  symlinkSync(CHECKOUT, join(shop, 'node_modules/projen-delivery'));
});

afterEach(() => rmSync(join(shop, '..'), { recursive: true, force: true }));

function jest() {
  const { NODE_ENV, JEST_WORKER_ID, ...env } = process.env;
  const { status, stderr } = spawnSync(process.execPath, ['node_modules/jest/bin/jest.js', '--ci', '--no-color'], { cwd: shop, env, encoding: 'utf8', timeout: 600_000 });
  return { status, output: stderr };
}

function change(what: string, by: string) {
  const file = join(shop, '.projenrc.ts');
  const definition = readFileSync(file, 'utf8');
  expect(definition).toContain(what);
  writeFileSync(file, definition.replace(what, by));
}

/** If the workflows have changed on purpose: run `jest -u` in a copy (examples/shop/README.md), and copy the snapshot back. */
test('they pass', () => {
  expect(jest()).toMatchObject({ status: 0, output: expect.stringContaining('Snapshots:   2 passed, 2 total') as unknown });
}, 600_000);

test('a change of the definition shows what it does to the jobs, and which guarantee it breaks', () => {
  change(', { requires: \'staging\' }', '');
  const { status, output } = jest();
  expect(status).toBe(1);
  expect(output).toMatch(/^ +- +needs: environment_production$/m);
  expect(output).toContain('✕ two jobs enter the environment production: after its plan, and after a deployment');
}, 600_000);
