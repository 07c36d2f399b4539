/** What jest compiles once serves each later call of jest, whatever suites it names. */
interface Call {
  readonly instrument: boolean;
  readonly supportsStaticESM: boolean;
  readonly config: { readonly testMatch: readonly string[] };
}

interface Transformer {
  getCacheKey(text: string, path: string, options: Call): string;
}
const { createTransformer } = jest.requireActual<{ createTransformer(options: unknown): Transformer }>('./ts-transform.cjs');

const OPTIONS = { tsconfig: 'test/tsconfig.json' };
const call = (testMatch: string, instrument = false): Call => ({ instrument, supportsStaticESM: false, config: { testMatch: [testMatch] } });
const keyOf = (text: string, path = '/shop/cart.ts', options = call('**/*.test.ts')) => createTransformer(OPTIONS).getCacheKey(text, path, options);

test('a call with other suites finds what another one compiled', () => {
  expect(keyOf('export const a = 1;', '/shop/cart.ts', call('**/one.ci.ts'))).toBe(keyOf('export const a = 1;'));
});

test('another text, path, instrumentation or option is compiled anew', () => {
  const text = 'export const a = 1;';
  const keys = [
    keyOf(text),
    keyOf('export const a = 2;'),
    keyOf(text, '/shop/basket.ts'),
    keyOf(text, '/shop/cart.ts', call('**/*.test.ts', true)),
    createTransformer({ tsconfig: 'tsconfig.json' }).getCacheKey(text, '/shop/cart.ts', call('**/*.test.ts')),
  ];
  expect(new Set(keys).size).toBe(keys.length);
});
