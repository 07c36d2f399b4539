/**
 * Every option that takes text, given text that means something to a shell, to YAML or to GitHub: it is refused, or what is written holds
 * exactly what was meant, and nothing else has changed.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { github, Project } from 'projen';
import { parse } from 'yaml';
import { hostileText, search } from './hostile';
import { Delivery, DeliveryOptions, HealthCheck, NamedEnvironment, ReleaseIdentity, Strategy, Target, Trigger } from '../../src';
import { HttpCheckManifest, Manifest } from '../../src/contract/manifest';
import { holds } from '../../tools/github-actions-emulator/expression';
import { passes } from '../../tools/github-actions-emulator/ref-filter';
import { Synthesized, synthesize, withTasks } from '../test-project';
import { actionlint } from '../validators/actionlint';
import { gitHubParser } from '../validators/github-parser';
import { stepsOf, Workflow } from '../validators/workflow';

const hostile = hostileText('/nowhere');
/** More of it gets past the refusals: one line, without spaces and what no ref and no path may hold. */
const tame = hostile.map((text) => text.replace(/[\s\p{Cc}~^:?*[\]\\{}!]|\.\.|\/\/|@\{/gu, '').slice(0, 150)).filter((text) => text !== '');
const word = fc.oneof(hostile, tame, tame.map((text) => `a${text}b`));

/** Says where a text goes, and where it must be found again. */
interface Option {
  readonly put: (text: string) => { readonly delivery?: Partial<DeliveryOptions>; readonly environment?: Partial<NamedEnvironment> };
  /** What is the developer's own to say, as GitHub reads it. @default - nothing */
  readonly isTrusted?: (text: string) => boolean;
  /** What is accepted there. @default PLAIN */
  readonly plain?: string;
  /** What the manifest says, if it is to say it. */
  readonly inManifest?: (manifest: Manifest) => unknown;
  /** What the text is there. @default - the text itself */
  readonly meant?: (text: string) => unknown;
  /** What may be in the workflows: there they must be found, and nowhere else may anything have changed. @default - nothing */
  readonly inWorkflow?: (workflow: Workflow, text: string) => void;
}

const check = (options: Parameters<typeof HealthCheck.http>[1]) => ({
  environment: { healthChecks: [HealthCheck.http('https://x.example.com/health', { release: ReleaseIdentity.json('version'), ...options })] },
});
const environmentOf = ({ environments }: Manifest) => environments[0];
const checkOf = (manifest: Manifest) => environmentOf(manifest).healthChecks[0] as HttpCheckManifest;
const refTo = (kind: 'heads' | 'tags', name: string) => ({ event_name: 'push', ref: `refs/${kind}/${name}`, event: { repository: { fork: false } } });

/** That a push of such a ref starts the workflow and its plan, and a push of another does not. */
function reachedBy(kind: 'heads' | 'tags', name: string, other: string) {
  return ({ on, jobs }: Workflow) => {
    const filters = (on!.push as Record<string, string[]>)[kind === 'heads' ? 'branches' : 'tags'];
    expect([passes(name, filters), passes(other, filters)]).toEqual([true, false]);
    // @actions/expressions takes only the first of several '' for a quote; GitHub takes each
    if (name.split('\'').length > 2) return;
    const runsFor = (ref: string) => holds(jobs.environment_staging.if, { github: refTo(kind, ref), inputs: {}, needs: {} }, {
      always: () => true, success: () => true, failure: () => false, cancelled: () => false,
    });
    expect([runsFor(name), runsFor(other)]).toEqual([true, false]);
  };
}

const OPTIONS: Record<string, Option> = {
  'the name of an environment': {
    put: (name) => ({ environment: { name } }),
    inManifest: (manifest) => environmentOf(manifest).name,
    inWorkflow: ({ jobs }, name) => expect(Object.entries(jobs).find(([id]) => id.startsWith('deploy_'))![1].environment).toMatchObject({ name }),
  },
  'a url': { put: (text) => ({ environment: { url: `https://x.example.com/${text}` } }), inManifest: (m) => environmentOf(m).url, meant: (text) => `https://x.example.com/${text}`, inWorkflow: () => undefined },
  'a whole url': { put: (url) => ({ environment: { url } }), plain: 'https://plain.example.com', inManifest: (m) => environmentOf(m).url, inWorkflow: () => undefined },
  'a control url': { put: (text) => ({ environment: { controlUrl: `https://control.example.org/${text}` } }), inManifest: (m) => environmentOf(m).controlUrl, meant: (text) => `https://control.example.org/${text}` },
  'the url of a candidate': {
    put: (text) => ({ environment: { strategy: Strategy.blueGreen({ candidateUrl: `https://{slot}.example.com/${text}` }) } }),
    inManifest: (m) => (environmentOf(m).strategy as { candidateUrl?: string }).candidateUrl,
    meant: (text) => `https://{slot}.example.com/${text}`,
    inWorkflow: () => undefined,
  },
  'a branch': {
    put: (name) => ({ environment: { trigger: Trigger.branch(name) } }),
    inManifest: (m) => environmentOf(m).trigger,
    meant: (branch) => ({ kind: 'branch', branch }),
    inWorkflow: (workflow, name) => reachedBy('heads', name, `${name}x`)(workflow),
  },
  'a tag': {
    put: (name) => ({ environment: { trigger: Trigger.tag(name) } }),
    inManifest: (m) => environmentOf(m).trigger,
    meant: (pattern) => ({ kind: 'tag', pattern }),
    inWorkflow: (workflow, pattern) => (pattern.includes('*') ? undefined : reachedBy('tags', pattern, `${pattern}x`)(workflow)),
  },
  'a pattern of tags': {
    put: (text) => ({ environment: { trigger: Trigger.tag(`${text}*`) } }),
    inManifest: (m) => environmentOf(m).trigger,
    meant: (text) => ({ kind: 'tag', pattern: `${text}*` }),
    inWorkflow: (workflow, text) => reachedBy('tags', `${text}1.2`, `x${text}1.2`)(workflow),
  },
  'an exception from tags': {
    put: (text) => ({ environment: { trigger: Trigger.tag('v*', { except: `v${text}` }) } }),
    inManifest: (m) => environmentOf(m).trigger,
    meant: (text) => ({ kind: 'tag', pattern: 'v*', except: `v${text}` }),
    inWorkflow: (workflow, text) => (/[*/]/.test(text) ? undefined : reachedBy('tags', `v${text}x`, `v${text}`)(workflow)),
  },
  'the value of a variable': { put: (value) => ({ environment: { variables: { VALUE: value } } }), inManifest: (m) => environmentOf(m).variables.VALUE },
  'the name of a variable': { put: (name) => ({ environment: { variables: { [name]: 'x' } } }), inManifest: (m) => Object.keys(environmentOf(m).variables)[0] },
  'the name of a secret': {
    put: (name) => ({ environment: { secrets: [name] } }),
    inManifest: (m) => environmentOf(m).secrets[0],
    inWorkflow: (workflow, name) => expect(stepsOf(workflow).some(({ step }) => step.env?.[name] === `\${{ secrets.${name} }}`)).toBe(true),
  },
  'a command': { put: (line) => ({ environment: { target: Target.commands({ deploy: line }) } }), inManifest: (m) => environmentOf(m).target.deploy, meant: (line) => ({ kind: 'bash', line }) },
  'a path of an artifact': {
    put: (path) => ({ delivery: { artifact: { paths: [path] } } }),
    inManifest: (m) => m.artifact?.paths[0],
    meant: pathOf,
    inWorkflow: ({ jobs }, text) => {
      const packed = jobs.build.steps!.find(({ id }) => id === 'pack')!.run;
      expect(packed).toContain(/^[\w@%+=:,./-]+$/.test(pathOf(text)) ? ` -- ${pathOf(text)}\n` : ` -- '${pathOf(text)}'\n`);
    },
  },
  'the name of a health check': { put: (name) => check({ name }), inManifest: (m) => checkOf(m).name },
  'the url of a health check': {
    put: (text) => ({ environment: { healthChecks: [HealthCheck.http(`https://x.example.com/${text}`)] } }), inManifest: (m) => checkOf(m).url, meant: (text) => `https://x.example.com/${text}`,
  },
  'the pattern of a body': { put: (bodyPattern) => check({ bodyPattern }), inManifest: (m) => checkOf(m).bodyPattern },
  'a value in JSON': { put: (value) => check({ json: [{ path: 'a', value }] }), inManifest: (m) => checkOf(m).json[0].equals },
  'a path in JSON': { put: (path) => check({ release: ReleaseIdentity.json(path) }), inManifest: (m) => checkOf(m).release, meant: (path) => ({ kind: 'json', path }) },
  'a header of the response': {
    put: (name) => check({ release: ReleaseIdentity.header(name) }), inManifest: (m) => checkOf(m).release, meant: (name) => ({ kind: 'header', name: name.toLowerCase() }),
  },
  'the value of a request header': { put: (value) => check({ requestHeaders: { 'x-said': value } }), inManifest: (m) => checkOf(m).requestHeaders['x-said'] },
  'the name of a request header': { put: (name) => check({ requestHeaders: { [name]: 'x' } }), inManifest: (m) => Object.keys(checkOf(m).requestHeaders)[0] },
  'the environment of a rollback': {
    put: (name) => ({ environment: { rollbackEnvironment: name } }),
    inWorkflow: ({ jobs }, name) => expect(jobs.rollback_staging.environment).toMatchObject({ name }),
  },
  'the environment of a monitor': {
    put: (name) => ({ environment: { monitorEnvironment: name } }),
    inWorkflow: ({ jobs }, name) => expect(jobs.monitor_staging.environment).toMatchObject({ name }),
  },
  'a label of a runner': {
    put: (label) => ({ environment: { runsOn: [label] } }),
    isTrusted: (label) => label.includes('${{'),
    inWorkflow: ({ jobs }, label) => expect((jobs.deploy_staging as { 'runs-on'?: unknown })['runs-on']).toBe(label),
  },
};

let folder: string;
beforeAll(() => { folder = mkdtempSync(join(tmpdir(), 'delivery-synthesis-')); });
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.each(Object.entries(OPTIONS))('%s', async (name, option) => {
  const plain = synthesized(() => option.put(option.plain ?? PLAIN));
  let accepted = 0;
  await fc.assert(fc.asyncProperty(word, async (text) => {
    const result = attempt(() => synthesized(() => option.put(text)));
    if (result === undefined || option.isTrusted?.(text)) return;
    accepted += 1;
    if (option.inManifest) expect(option.inManifest(result.manifest)).toEqual(option.meant?.(text) ?? text);
    if (option.inWorkflow === undefined) expect(workflowsOf(result)).toEqual(workflowsOf(plain));
    else option.inWorkflow(parse(result.deployText) as Workflow, text);
    expect(runLines(result).map((line) => withPlain(line, text))).toEqual(runLines(plain));
    if (option.inWorkflow !== undefined && accepted <= VALIDATED) expect(await findings(result, text)).toEqual([]);
  }), search(25));
  if (process.env.HOSTILE_SHOW) console.log(`${name}: ${accepted} accepted`);
});

/** It is accepted everywhere. */
const PLAIN = 'plain';
/** The validators take their time. */
const VALIDATED = 3;

/** In a folder of its own: projen's constructor reads what lies there. */
function synthesized(put: () => ReturnType<Option['put']>): Synthesized {
  const { delivery = {}, environment = {} } = put();
  const project = withTasks(new Project({ name: 'plain', outdir: mkdtempSync(join(folder, 'p-')) }));
  new github.GitHub(project, { mergify: false, pullRequestLint: false });
  jest.spyOn(project.logger, 'warn').mockImplementation(() => undefined);
  new Delivery(project, {
    target: Target.commands({ deploy: './deploy.sh', promote: './promote.sh' }),
    artifact: { paths: ['dist'] },
    environments: [{
      name: 'staging',
      trigger: Trigger.branch('main'),
      url: 'https://x.example.com',
      healthChecks: [HealthCheck.http('https://x.example.com/health', { release: ReleaseIdentity.json('version') })],
      ...environment,
    }],
    ...delivery,
  });
  return synthesize(project);
}

/** Undefined where it was refused; any other error is one of ours. */
function attempt(act: () => Synthesized): Synthesized | undefined {
  try {
    return act();
  } catch (error) {
    expect((error as Error).name).toBe('ValidationError');
    expect((error as Error).message).not.toMatch(/\n\s+at |undefined/);
    return undefined;
  }
}

/** By what was synthesized: it is compared several times. */
const parsed = new WeakMap<Synthesized, [string, Workflow][]>();

function workflowsOf(result: Synthesized): [string, Workflow][] {
  const known = parsed.get(result) ?? textsOf(result).map(([file, text]): [string, Workflow] => [file, parse(text) as Workflow]);
  parsed.set(result, known);
  return known;
}

function textsOf(result: Synthesized): [string, string][] {
  return ['deploy.yml', 'rollback.yml'].map((file) => [file, result.text(`.github/workflows/${file}`)]);
}

/** Two texts may stand there: a name of an environment, which has no character that means anything, and a path, between quotes where it needs them. */
function withPlain(line: string, text: string): string {
  for (const [begin, end] of [['', ''], ["'", "'"]]) {
    if (line.includes(` -- ${begin}${pathOf(text)}${end}\n`)) return line.replace(` -- ${begin}${pathOf(text)}${end}\n`, () => ` -- ${PLAIN}\n`);
  }
  const [, command, name, rest] = /^(exec node \S+ \w+) (\S+)(.*)$/.exec(line) ?? [];
  return name === text && /^[\w./-]+$/.test(text) ? `${command} ${PLAIN}${rest}` : line;
}

/** As tar gets it. */
function pathOf(text: string): string {
  return text.replace(/^(\.\/)+/, '').replace(/\/+$/, '');
}

function runLines(result: Synthesized): string[] {
  return workflowsOf(result).flatMap(([, workflow]) => stepsOf(workflow).flatMap(({ step }) => step.run ?? []));
}

async function findings(result: Synthesized, said: string): Promise<string[]> {
  const all = await Promise.all(textsOf(result).map(async ([file, text]) => {
    // its package cannot print what is beyond two bytes
    const isPrintable = /^[\0-\uffff]*$/u.test(said);
    const found = [...await gitHubParser(text, file), ...(isPrintable ? await actionlint(text, file) : [])];
    // it knows GitHub's own runners; a label is the user's
    return found.filter(({ message }) => !/^label ".*" is unknown/.test(message)).map(({ validator, where, message }) => `${file} ${where}: ${validator}: ${message}`);
  }));
  return all.flat();
}
