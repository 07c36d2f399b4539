import { readFileSync } from 'node:fs';

/** What jest compiles once serves each later call of jest, whatever suites it names. */
interface Call {
  readonly instrument: boolean;
  readonly config: { readonly testMatch: readonly string[] };
}

interface Transformer {
  getCacheKey(text: string, path: string, options: Call): string;
  process(text: string, path: string): { readonly code: string };
}
const { getCacheKey, process: compile } = jest.requireActual<Transformer>('./ts-transform.cjs');

const call = (testMatch: string, instrument = false): Call => ({ instrument, config: { testMatch: [testMatch] } });
const keyOf = (text: string, path = '/shop/cart.ts', options = call('**/*.test.ts')) => getCacheKey(text, path, options);

test('a call with other suites finds what another one compiled', () => {
  expect(keyOf('export const a = 1;', '/shop/cart.ts', call('**/one.ci.ts'))).toBe(keyOf('export const a = 1;'));
});

test('another text, path or instrumentation is compiled anew', () => {
  const text = 'export const a = 1;';
  const keys = [keyOf(text), keyOf('export const a = 2;'), keyOf(text, '/shop/basket.ts'), keyOf(text, '/shop/cart.ts', call('**/*.test.ts', true))];
  expect(new Set(keys).size).toBe(keys.length);
});

describe('what is compiled', () => {
  test('has its types left out and the fields of classes as the target defines them', () => {
    const { code } = compile('export class Cart { public items?: string[]; }', '/shop/cart.ts');
    const { Cart } = evaluated(code) as { Cart: new () => object };
    expect(Object.keys(new Cart())).toEqual(['items']);
  });

  test('finds what it calls often in itself, not in the context of jest', () => {
    const { code } = compile('export const sum = Math.abs(-1);', '/shop/cart.ts');
    expect(code).toMatch(/^const \{.* Math,.*\} = globalThis;$/m);
  });

  test('names the lines of its source', () => {
    const { stack } = new Error('an error');
    const line = readFileSync(__filename, 'utf8').split('\n').findIndex((text) => text.includes('an error')) + 1;
    expect(stack).toContain(`${__filename}:${line}:`);
  });
});

/** What a CommonJS module exports. */
function evaluated(code: string): unknown {
  const module = { exports: {} };
  new Function('module', 'exports', code)(module, module.exports);
  return module.exports;
}
