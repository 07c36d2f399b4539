/**
 * Holds workflows against zizmor, in its strictest persona, and against actionlint with shellcheck, both native. Every finding must be
 * fixed, or be listed in accepted.ts with the reason. In a workflow that our jobs joined, only they are ours to fix. See .ci/security, which installs the programs.
 *
 * Usage: audit.ts <folder with one project a folder> ; the programs are named by $ZIZMOR, $ACTIONLINT and $SHELLCHECK.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { LineCounter, parseDocument, Scalar, YAMLMap } from 'yaml';
import { Accepted, ACCEPTED } from './accepted';
import { isOurJob, isOurWorkflow, Workflow } from '../validators/workflow';

interface Finding {
  readonly auditor: Accepted['auditor'];
  /** The audit's name, where it has one. */
  readonly audit?: string;
  readonly message: string;
  /** `shop/deploy.yml` */
  readonly where: string;
  readonly line: number;
}

/** The lines of a file, by where it is. */
type Texts = ReadonlyMap<string, readonly string[]>;

/** As much of zizmor's format `json-v1` as is read. */
interface ZizmorFinding {
  readonly ident: string;
  readonly desc: string;
  readonly locations: {
    readonly symbolic: { readonly key: { readonly Local: { readonly verbatim_path: string } }; readonly kind: string };
    readonly concrete: { readonly location: { readonly start_point: { readonly row: number } } };
  }[];
}

interface ActionlintFinding {
  readonly message: string;
  readonly filepath: string;
  readonly line: number;
}

function main(root: string): number {
  const files = workflowsUnder(root);
  if (files.length === 0) throw new Error(`there are no workflows under ${root}`);
  const where = (file: string) => relative(root, file).replace('.github/workflows/', '');
  const texts = new Map(files.map((file) => [where(file), readFileSync(file, 'utf8').split('\n')]));
  const ours = new Map(files.map((file) => [where(file), linesOfOurs(file)]));
  const findings = [...zizmor(files, where), ...actionlint(files, where)]
    .filter(({ where: file, line }) => ours.get(file)!.some(([from, to]) => from <= line && line <= to));
  const used = new Map<Accepted, number>(ACCEPTED.map((accepted) => [accepted, 0]));
  const wrong = findings.filter((finding) => {
    const accepted = ACCEPTED.find((one) => covers(one, finding, texts));
    if (accepted) used.set(accepted, used.get(accepted)! + 1);
    return !accepted;
  });
  const stale = ACCEPTED.filter((accepted) => used.get(accepted) === 0);
  // of the random combinations there are hundreds
  console.log(`${files.length} workflows: ${files.map(where).filter((file) => !file.startsWith('combination-')).join(', ')}`);
  for (const [{ auditor, finding, reason }, count] of used) console.log(`accepted ${count} times: ${auditor} ${String(finding)}\n    ${reason}`);
  for (const { auditor, audit, message, where: file, line } of wrong) console.log(`${file}:${line}: ${auditor}${audit ? ` ${audit}` : ''}: ${message}`);
  for (const { auditor, finding } of stale) console.log(`accepted.ts: nothing meets ${auditor} ${String(finding)} any more. Take it out.`);
  return wrong.length + stale.length;
}

/** Those that the delivery writes or joins; projen's own are projen's. */
function workflowsUnder(root: string): string[] {
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((name) => !name.includes('node_modules') && /\.github\/workflows\/[^/]+\.yml$/.test(name))
    .map((name) => join(root, name))
    .filter((file) => linesOfOurs(file).length > 0)
    .sort();
}

/** From and to, both included. Of a workflow that our jobs joined: where they stand. */
function linesOfOurs(file: string): [number, number][] {
  if (isOurWorkflow(basename(file)) || file.endsWith('/projen-delivery/.github/workflows/checks.yml')) return [[1, Infinity]];
  const lines = new LineCounter();
  const document = parseDocument(readFileSync(file, 'utf8'), { lineCounter: lines });
  const jobs = document.get('jobs') as YAMLMap<Scalar<string>, YAMLMap>;
  const workflow = document.toJS() as Workflow;
  return jobs.items.filter(({ key: { value: id } }) => isOurJob(id, workflow.jobs[id]))
    .map(({ key, value }) => [lines.linePos(key.range![0]).line, lines.linePos(value!.range![1]).line]);
}

function zizmor(files: string[], where: (file: string) => string): Finding[] {
  const output = run('ZIZMOR', ['--persona=auditor', '--offline', '--no-config', '--no-ignores', '--strict-collection', '--no-progress', '--format=json-v1', ...files]);
  return (JSON.parse(output) as ZizmorFinding[]).map(({ ident, desc, locations }) => {
    const { symbolic, concrete } = locations.find((location) => location.symbolic.kind === 'Primary') ?? locations[0];
    const line = concrete.location.start_point.row + 1;
    return { auditor: 'zizmor', audit: ident, message: desc, where: where(symbolic.key.Local.verbatim_path), line };
  });
}

function actionlint(files: string[], where: (file: string) => string): Finding[] {
  const output = run('ACTIONLINT', ['-no-color', `-shellcheck=${program('SHELLCHECK')}`, '-pyflakes=', '-format={{json .}}', ...files]);
  return (JSON.parse(output) as ActionlintFinding[]).map(({ message, filepath, line }) => ({ auditor: 'actionlint', message, where: where(filepath), line }));
}

function covers({ auditor, finding, where, line }: Accepted, found: Finding, texts: Texts): boolean {
  if (auditor !== found.auditor || !where.test(found.where)) return false;
  if (line && !line.test(texts.get(found.where)![found.line - 1])) return false;
  return typeof finding === 'string' ? finding === found.audit : finding.test(found.message);
}

/** Findings make it red, too: what counts is that it says them. */
function run(name: string, argv: string[]): string {
  const { error, stdout, stderr } = spawnSync(program(name), argv, { encoding: 'utf8', maxBuffer: 1e8 });
  if (error) throw error;
  if (!stdout.trim().startsWith('[')) throw new Error(`${name} did not look: ${stderr}`);
  return stdout;
}

function program(name: string): string {
  const path = process.env[name];
  if (!path) throw new Error(`say where ${name} is: ${name}=...`);
  return path;
}

if (require.main === module) process.exitCode = main(process.argv[2]) === 0 ? 0 : 1;
