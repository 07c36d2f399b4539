import { outputsIn, withOutputs } from '../../../src/contract/deployment-outputs';
import { EnvironmentManifest } from '../../../src/contract/manifest';
import { checkedOutputs, contextWith } from '../../../src/runtime/deployment/outputs';
import { eventOf, readEntry } from '../../../src/runtime/ledger/record-codec';
import { REDEPLOY_TIME_BUDGET } from '../../../src/strategies/redeploy';
import { check } from '../world';

const ENVIRONMENT: EnvironmentManifest = {
  name: 'production',
  url: '{output:Api.Url}',
  trigger: { kind: 'manual' },
  variables: { API: '{output:Api.Url}/v1', TABLE: '{output:Data.Table}', PLAIN: 'x' },
  secrets: [],
  outputs: { names: ['Api.Url', 'Data.Table'] },
  strategy: { kind: 'redeploy', bakeMs: 0, commandTimeoutMs: 1_000, timeBudget: REDEPLOY_TIME_BUDGET },
  target: { deploy: { kind: 'bash', line: 'true' } },
  healthChecks: [check('{output:Api.Url}/health')],
  freezes: [],
};
const GOOD = { 'Api.Url': 'https://api.example.com/prod/', 'Data.Table': 'shop' };

it('fills URLs and variables; a slash of the output and the one after it are one', () => {
  const { healthChecks, url, variables } = withOutputs(ENVIRONMENT, GOOD);
  expect([url, healthChecks[0]!.url, variables]).toEqual([
    'https://api.example.com/prod/', 'https://api.example.com/prod/health', { API: 'https://api.example.com/prod/v1', TABLE: 'shop', PLAIN: 'x' },
  ]);
});

it('leaves out variables whose output is unknown, and keeps the placeholders of URLs', () => {
  const { url, variables } = withOutputs(ENVIRONMENT, { 'Data.Table': 'shop' });
  expect([url, variables]).toEqual(['{output:Api.Url}', { TABLE: 'shop', PLAIN: 'x' }]);
});

it('a placeholder within an output is not replaced', () => {
  const { variables } = withOutputs(ENVIRONMENT, { ...GOOD, 'Data.Table': '{output:Api.Url}' });
  expect(outputsIn(variables.TABLE ?? '')).toEqual([]);
});

it('takes what is needed, and nothing else', () => {
  expect(checkedOutputs(ENVIRONMENT, { ...GOOD, 'Api.More': 'x' })).toEqual({ needed: GOOD });
});

it.each<[string, Record<string, string>, string]>([
  ['there is none', {}, 'the deployment has no output Api.Url: it has none. Add the output to the stack, or correct StackOutput.of'],
  ['it disappeared', { 'Data.Table': 'shop' }, 'the deployment has no output Api.Url: it has Data.Table. '],
  ['it is a property of every object', { 'Data.Table': 'shop', 'toString': 'x' }, 'the deployment has no output Api.Url: it has Data.Table, toString.'],
  ['it is empty', { ...GOOD, 'Data.Table': ' ' }, 'the output Data.Table is empty'],
  ['it is no URL', { ...GOOD, 'Api.Url': '::add-mask::x' }, 'the output Api.Url of url makes no URL: : :add-mask::x'],
  ['it is plain http', { ...GOOD, 'Api.Url': 'http://api.example.com' }, 'makes a URL that is not https: http://api.example.com. Serve it with https, or set allowInsecure: true'],
  ['it has another scheme', { ...GOOD, 'Api.Url': 'file:///etc/passwd' }, 'makes a URL that is not https: file:///etc/passwd. Name an output with a URL'],
  ['it holds a password', { ...GOOD, 'Api.Url': 'https://me:secret@example.com' }, 'the output Api.Url of url makes a URL with credentials in it'],
  ['it holds a line break', { ...GOOD, 'Data.Table': 'a\nb' }, 'the output Data.Table is not one line of text: a b'],
  ['it changes the direction of writing', { ...GOOD, 'Data.Table': 'a\u202eb' }, 'the output Data.Table is not one line of text: ab'],
  ['it is too long', { ...GOOD, 'Data.Table': 'x'.repeat(501) }, 'the output Data.Table is longer than 500 characters'],
  ['all of them are too long', { 'Data.Table': 'x'.repeat(400), 'Api.Url': `https://example.com/${'x'.repeat(400)}` }, 'the outputs Api.Url, Data.Table are too long to be recorded: '],
])('rejects an output: %s', (_, outputs, said) => {
  expect(checkedOutputs(ENVIRONMENT, outputs).fault).toContain(said);
  expect(checkedOutputs(ENVIRONMENT, outputs).fault).not.toContain('secret');
});

it('takes plain http where the options allow it, and on loopback', () => {
  const allowed = { ...ENVIRONMENT, outputs: { ...ENVIRONMENT.outputs!, allowInsecure: true as const } };
  const insecure = { ...GOOD, 'Api.Url': 'http://api.example.com' };
  expect(checkedOutputs(allowed, insecure).fault).toContain('of the health check health makes a URL that is not https');
  expect(checkedOutputs({ ...allowed, healthChecks: [check('{output:Api.Url}', { allowInsecure: true })] }, insecure)).toEqual({ needed: insecure });
  const local = { ...GOOD, 'Api.Url': 'http://localhost:4566/prod' };
  expect(checkedOutputs(ENVIRONMENT, local)).toEqual({ needed: local });
});

it('the ledger returns the outputs as they were recorded', () => {
  const outputs = { 'Api.Url': 'https://api.example.com/ü?a=b&c=~', 'Data.Table': '>>>???' };
  const event = eventOf({ state: 'verifying', note: 'deployed', outputs }, '1.1.abc');
  expect(event.fields?.join()).toMatch(/^outputs=[\w.]+$/);
  expect(readEntry({ ...event, fields: event.fields ?? [], id: '1', at: 'now' })?.outputs).toEqual(outputs);
});

it('a damaged record of outputs is left out', () => {
  const event = eventOf({ state: 'verifying', note: 'deployed' }, '1.1.abc');
  expect(readEntry({ ...event, fields: ['outputs=AAAA'], id: '1', at: 'now' })).toEqual({ state: 'verifying', note: 'deployed', processId: '1.1.abc', at: 'now' });
});

it('a context reads nothing that is read on demand when it gets outputs', () => {
  const context = { environment: ENVIRONMENT, manifest: { environments: [ENVIRONMENT] }, get run(): never { throw new Error('read'); } };
  expect(contextWith(context as never, GOOD).environment.url).toBe('https://api.example.com/prod/');
});
