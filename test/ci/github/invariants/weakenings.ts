/**
 * Every change to what is written that breaks a guarantee: of every job, step, event and key above the jobs. They are read off the workflows
 * themselves, so a new job or key joins by itself.
 */
import { Document, Which } from './weakened-delivery';

export type Key = string | number;

/** One change to what is written. */
export interface Edit {
  readonly which: Which;
  readonly path: readonly Key[];
  /** Absent: it is taken out. */
  readonly value?: unknown;
  /** It is added to a list. */
  readonly isAdded?: boolean;
}

interface Job {
  readonly 'if'?: string;
  readonly 'needs'?: string | string[];
  readonly 'permissions': Record<string, string>;
  readonly 'concurrency'?: Document;
  readonly 'environment'?: Document;
  readonly 'outputs'?: Record<string, string>;
  readonly 'timeout-minutes': number;
  readonly 'steps': Step[];
}

interface Step {
  readonly 'id': string;
  readonly 'if'?: string;
  readonly 'run'?: string;
  readonly 'uses'?: string;
  readonly 'env'?: Document;
  readonly 'with'?: Document;
  readonly 'timeout-minutes'?: number;
  readonly 'continue-on-error'?: boolean;
}

/** Jobs that may do less: nothing is lost when they do not run, or have less time. */
const MAY_DO_LESS = /^(build|environment_.*)$/;
const MAY_BE_NARROWER = /^(build|environment_.*|deploy_.*|drill)$/;

/** All of what was written. */
export function weakenings(written: Readonly<Record<Which, Document>>): Edit[] {
  return (Object.keys(written) as Which[]).flatMap((which) => {
    const { jobs, ...above } = written[which] as { jobs: Record<string, Job> } & Document;
    const ours = Object.entries(jobs).filter(([, { steps }]) => /delivery/.test(JSON.stringify(steps)));
    return [
      ...ofTop(which, above).map(([path, ...rest]) => edit(which, path, ...rest)),
      ...ours.flatMap(([id, job]) => ofJob(id, job, Object.keys(jobs)).map(([path, ...rest]) => edit(which, ['jobs', id, ...path], ...rest))),
    ];
  });
}

/** A path, and the value that is put there; none where it is taken out; `true` behind it where it is added to a list. */
type Change = readonly [path: readonly Key[], ...rest: readonly [] | readonly [value: unknown] | readonly [value: unknown, isAdded: true]];

function edit(which: Which, path: readonly Key[], ...[value, isAdded]: readonly unknown[]): Edit {
  return { which, path, value, isAdded: isAdded === true };
}

function ofTop(which: Which, above: Document): Change[] {
  return [
    [['on']], [['on'], {}], [['on'], 'push'], [['on'], ['pull_request']], [['on', 'pushes'], { branches: ['main'] }],
    ...Object.entries(above.on as Document).flatMap(([event, what]) => ofEvent(event, what as Document)),
    [['permissions'], 'write-all'], [['permissions', 'contents'], 'write'],
    [['defaults', 'run', 'shell'], 'pwsh'], [['defaults', 'run', 'working-directory'], 'app'],
    [['concurrency'], { group: 'all' }], [['concurrency'], { 'group': '${{ github.workflow }}', 'cancel-in-progress': true }], [['concurrency'], 'delivery-deploy-staging'],
    [['env', 'DELIVERY_LEDGER'], 'ledger.json'], [['permisions'], {}],
    ...Object.keys((above.env ?? {}) as Document).flatMap((name): Change[] => [[['env', name]], [['env', name], 'production']]),
    ...(which === 'rollbackWorkflow' || which === 'drillWorkflow' ? [[['run-name']], [['run-name'], 'by hand']] satisfies Change[] : []),
  ];
}

function ofEvent(event: string, what: Document): Change[] {
  const gone: Change = [['on', event]];
  if (event === 'push') return [gone, ...ofPush(what as { branches: string[]; tags: string[] })];
  if (event === 'schedule') return [gone, [['on', event, 0, 'cron'], '0 0 1 1 *'], [['on', event, 0, 'timezone'], 'Asia/Tokyo'], [['on', event], []]];
  return [gone, ...Object.entries((what.inputs ?? {}) as Record<string, Document>).flatMap(([name, input]) => ofInput(['on', event, 'inputs', name], input))];
}

function ofPush({ branches, tags }: { branches: string[]; tags: string[] }): Change[] {
  const at = (...path: Key[]) => ['on', 'push', ...path];
  return [
    [at('branches')], [at('branches'), ['next']], [at('branches'), branches.map((branch) => `${branch}2`)], [at('branches'), '!main', true], [at('branches'), '!ma*', true], [at('branches'), []],
    [at('tags')], [at('tags'), ['v*']], [at('tags'), '!demo-1*', true], [at('tags'), '!**', true], [at('tags'), tags.map((tag) => `${tag}.*`)],
    [at('branches-ignore'), ['dependabot/**']], [at('tags-ignore'), ['x']],
    [at('paths'), ['src/**']], [at('paths-ignore'), ['docs/**']], [at('paths_ignore'), ['docs/**']], [at('branch'), ['main']],
  ];
}

function ofInput(at: readonly Key[], input: Document): Change[] {
  return [
    [at], [[...at, 'type'], 'number'], [[...at, 'required'], input.required !== true],
    ...(input.default === undefined ? [] : [[[...at, 'default']], [[...at, 'default'], 'adopt']] satisfies Change[]),
    ...((input.options ?? []) as string[]).map((option): Change => [[...at, 'options'], (input.options as string[]).filter((one) => one !== option)]),
    ...(input.options ? [[[...at, 'options']]] satisfies Change[] : []),
  ];
}

function ofJob(id: string, job: Job, all: string[]): Change[] {
  return [
    [[]], [[], { uses: './.github/workflows/other.yml' }],
    ...ofCondition(job.if ?? '', !MAY_BE_NARROWER.test(id)).map((rest): Change => [['if'], ...rest]),
    ...ofNeeds(id, job, all),
    ...ofPermissions(id, job.permissions),
    ...ofQueue(id, job.concurrency),
    ...ofPlace(id, job.environment),
    [['timeout-minutes']], [['timeout-minutes'], 0], [['timeout-minutes'], 'long'], ...(MAY_DO_LESS.test(id) ? [] : [[['timeout-minutes'], job['timeout-minutes'] - 1]] satisfies Change[]),
    ...(MAY_DO_LESS.test(id) ? [] : [[['cancel-timeout-minutes'], 0]] satisfies Change[]),
    [['env'], { NODE_TLS_REJECT_UNAUTHORIZED: '0' }],
    ...Object.keys(job.outputs ?? {}).flatMap((name): Change[] => [[['outputs', name]], [['outputs', name], '${{ steps.checkout.outputs.ref }}']]),
    [['env'], { DELIVERY_LEDGER: 'ledger.json' }], [['env'], '${{ fromJSON(vars.ENV) }}'],
    [['container'], { image: 'node:22', env: { DELIVERY_LEDGER: 'ledger.json' } }], [['container'], { image: 'node:22', options: '-e INPUT_REF=main' }],
    [['defaults'], { run: { shell: 'pwsh' } }], [['defaults'], { run: { 'working-directory': 'app' } }],
    [['strategy'], { matrix: { python: ['3.12', '3.13'] } }], [['continue-on-error'], true],
    [['uses'], './.github/workflows/other.yml'], [['secrets'], 'inherit'], [['timeout'], 5], [['runs-on']], [['runs-on'], []],
    [['steps']], [['steps'], []],
    ...job.steps.flatMap((step, i) => (isOurs(step) ? ofStep(job.steps, step, i) : [])),
    ...inserted(job.steps),
  ];
}

/** Those that set up are the user's. */
function isOurs({ id, run }: Step): boolean {
  return /delivery\.cjs/.test(run ?? '') || ['checkout', 'pack', 'upload', 'make', 'page-before', 'page-keep'].includes(id);
}

function ofCondition(condition: string, mustRun: boolean): ([] | [unknown])[] {
  const inner = condition.replace(/^\$\{\{ (.*) \}\}$/, '$1');
  const said = (text: string): [string] => [`\${{ ${text} }}`];
  const parts = splitAtTop(inner);
  return [
    [], ['true'], [true], said('true'), said(`${inner} || github.actor == 'me'`), [`${condition} || false`], said('always('),
    said('failure()'),
    ...parts.map((part) => said(parts.filter((one) => one !== part).join(' && ') || 'true')),
    ...[...inner.matchAll(/== 'success'/g)].flatMap(({ index }) => ['!= \'skipped\'', '!= \'failure\''].map((weaker) => said(`${inner.slice(0, index)}${weaker}${inner.slice(index + 12)}`))),
    ...(mustRun ? [said(`${inner} && github.actor != 'bot'`), said('false')] : []),
  ];
}

/** At each `&&` outside of parentheses. */
function splitAtTop(text: string): string[] {
  const parts = [''];
  let depth = 0;
  for (const token of text.split(/(&&|[()])/)) {
    if (token === '(') depth += 1;
    if (token === ')') depth -= 1;
    if (token === '&&' && depth === 0) parts.push('');
    else parts[parts.length - 1] += token;
  }
  return parts.map((part) => part.trim());
}

function ofNeeds(id: string, job: Job, all: string[]): Change[] {
  const needs = [job.needs ?? []].flat();
  // without a status function it begins only when all of them succeeded
  const isOptional = MAY_BE_NARROWER.test(id) || /(always|cancelled)\(\)/.test(job.if ?? '');
  return [
    ...needs.map((need): Change => [['needs'], needs.filter((one) => one !== need)]),
    [['needs'], [...needs, 'missing']], [['needs'], [...needs, id]],
    ...(/^deploy_/.test(id) ? [[['needs'], [...needs, 'lint']]] satisfies Change[] : []),
    ...(isOptional ? [] : all.filter((one) => one !== id && !needs.includes(one)).map((one): Change => [['needs'], [...needs, one]])),
  ];
}

function ofPermissions(id: string, permissions: Record<string, string>): Change[] {
  return [
    [['permissions']], [['permissions'], 'write-all'], [['permissions'], 'read-all'], [['permissions', 'packages'], 'wirte'],
    ...Object.entries(permissions).flatMap(([name, level]): Change[] => [[['permissions', name]], [['permissions', name], 'none'], ...(level === 'write' ? [[['permissions', name], 'read']] satisfies Change[] : [])]),
    ...(/^environment_/.test(id) ? [[['permissions', 'packages'], 'write'], [['permissions', 'contents'], 'write']] satisfies Change[] : []),
  ];
}

function ofQueue(id: string, concurrency: Document | undefined): Change[] {
  if (concurrency === undefined) return MAY_DO_LESS.test(id) ? [[['concurrency'], 'Delivery-Deploy-Staging']] : [[['concurrency'], 'mine'], [['concurrency'], 'delivery-rollback-staging']];
  return [
    [['concurrency']], [['concurrency'], 'mine'], [['concurrency', 'group'], 'mine'], [['concurrency', 'cancel-in-progress'], true],
    ...(concurrency.queue === undefined ? [] : [[['concurrency', 'queue']], [['concurrency', 'queue'], 'single']] satisfies Change[]),
  ];
}

function ofPlace(id: string, environment: Document | undefined): Change[] {
  if (environment === undefined) return id === 'build' ? [] : [[['environment'], 'staging']];
  return [[['environment']], [['environment'], 'other'], [['environment', 'name'], 'other'], [['environment', 'name']], [['environment', 'deployment']], [['environment', 'deployment'], true]];
}

function ofStep(steps: Step[], step: Step, i: number): Change[] {
  const at = (...path: Key[]) => ['steps', i, ...path];
  const next = steps.findIndex((one, j) => j > i && isOurs(one));
  const swapped = steps.map((one, j) => (j === i ? steps[next] : j === next ? step : one));
  return [
    [['steps'], steps.filter((one) => one !== step)], [['steps'], [...steps, step]], ...(next > 0 ? [[['steps'], swapped]] satisfies Change[] : []),
    [at('id'), 'renamed'], [at('background'), true], [at('continue-on-error'), step['continue-on-error'] !== true], [at('if'), 'false'], [at('if'), false],
    ...(step.if === undefined ? [[at('if'), '${{ github.actor != \'bot\' }}']] satisfies Change[] : [[at('if')], [at('if'), 'failure()']] satisfies Change[]),
    ...ofWork(at, step),
    ...(['env', 'with'] as const).flatMap((key) => Object.keys(step[key] ?? {}).flatMap((name): Change[] => [[at(key, name)], [at(key, name), 'other']])),
    [at('timeout-minutes'), 1], ...(step['timeout-minutes'] === undefined ? [] : [[at('timeout-minutes')], [at('timeout-minutes'), step['timeout-minutes'] + 1]] satisfies Change[]),
  ];
}

function ofWork(at: (...path: Key[]) => Key[], { run, uses }: Step): Change[] {
  if (run !== undefined) {
    return [
      [at('run'), 'true'], [at('run'), `${run} || true`], [at('uses'), 'actions/checkout@v7'], [at('run')],
      [at('shell'), 'pwsh'], [at('working-directory'), 'app'], [at('env', 'DELIVERY_LEDGER'), 'ledger.json'], [at('env', 'INPUT_REF'), 'other'],
    ];
  }
  return [
    [at('uses'), 'acme/other@v1'], [at('uses')], [at('run'), 'true'],
    ...(uses?.startsWith('actions/upload') ? [[at('with', 'retention-days'), 1]] satisfies Change[] : []),
    ...(uses?.startsWith('actions/checkout') ? (['ref', 'Repository', 'PATH', 'github-server-url'].map((name): Change => [at('with', name), 'other'])) : []),
  ];
}

/** What a user's own step may break. */
function inserted(steps: Step[]): Change[] {
  const last = steps.map(isOurs).lastIndexOf(true);
  const before = (step: Document): Change => [['steps'], [...steps.slice(0, last), step, ...steps.slice(last)]];
  const first = steps.findIndex(isOurs);
  return [
    before({ id: 'mine', name: 'mine' }), before({ id: 'mine', run: 'true', uses: 'actions/setup-node@v7' }), before({ id: steps[last].id, run: 'true' }),
    before({ id: 'not an id', run: 'true' }), before({ id: 'mine', if: 'a &&', run: 'true' }), before({ id: 'mine', if: 'secrets.TOKEN != \'\'', run: 'true' }),
    before({ id: 'mine', if: 'succeeded()', run: 'true' }), before({ id: 'mine', run: 'echo "DELIVERY_LEDGER=x" >> "$GITHUB_ENV"' }),
    before({ id: 'mine', run: 'cat >> "$GITHUB_ENV" <<EOF\nDELIVERY_LEDGER<<X\nx\nX\nEOF' }),
    ...(first < last ? [before({ id: 'mine', uses: 'actions/checkout@v7' }), before({ id: 'mine', uses: 'actions/checkout@v7', with: { path: '.' } }), before({ id: 'mine', uses: 'actions/checkout@v7', with: { Path: './.' } })] : []),
  ];
}
