/**
 * Says which checks run, and records what passed. `.ci/run` and `.ci/nightly` call it:
 *
 *     .ci/checks list                       the names of all parts
 *     .ci/checks select <file>              writes what this commit needs into the file, and prints why; exit code 1 if it exceeds the budget
 *     .ci/checks pending <file>             writes what has not passed with the inputs of now
 *     .ci/checks named <file> <check>...    writes the checks that patterns name
 *     .ci/checks slice <file> <k>/<n> [<check>...]   one slice of a night
 *     .ci/checks record <results> <commit> [--night]  records what passed
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { changedSince, committed, readCheckout } from './checkout';
import { Check, checksOf } from './inputs';
import { names, PARTS, SUITES_PART } from './parts';
import { NIGHTLY, parseTable, PASSED, readTable, updateTable } from './pass-table';
import { rowsOf, withCommittedInputs } from './results';
import { BUDGET_CPU_SECONDS, pending, select, Selected, shares } from './selection';

const ROOT = join(__dirname, '../..');
const PASSED_HEADING = `
# What passed

\`.ci/run\` and \`.ci/nightly\` write this file: for each check the hash of the inputs with which it last passed.
[CONTRIBUTING](../CONTRIBUTING.md#cirun) says how it is used. Commit it as it was written.
`;
const NIGHTLY_HEADING = `
# The last night

\`.ci/nightly\` writes this file: how each check ended, with the larger bounds of a night.
`;

class UsageError extends Error {}

function main([command, ...args]: readonly string[]): void {
  switch (command) {
    case 'list': return print([...PARTS.map(({ name }) => name), SUITES_PART]);
    case 'select': return selectForCommit(args[0]);
    case 'pending': return write(args[0], pending(checksOf(readCheckout(ROOT)), readTable(join(ROOT, PASSED))));
    case 'named': return write(args[0], named(checksOf(readCheckout(ROOT)), args.slice(1)));
    case 'slice': return write(args[0], slice(args[1], args.slice(2)));
    case 'record': return record(args[0], args[1], args.includes('--night'));
    default: throw new UsageError(`there is no command ${command}; see tools/checks/main.ts`);
  }
}

function selectForCommit(file: string): void {
  const checkout = readCheckout(ROOT);
  const passed = readTable(join(ROOT, PASSED));
  const { selected, cpuSeconds, first } = select(checksOf(checkout), passed, checkout.commit);
  const changed = new Map<string, readonly string[] | undefined>();
  const reason = ({ check, why }: Selected) => {
    if (why !== 'changed') return why;
    const { commit } = passed.get(check.name)!;
    if (!changed.has(commit)) changed.set(commit, changedSince(checkout, commit));
    return whatChanged(check, changed.get(commit), commit);
  };
  print(['  CPU s  check, and why it runs', ...selected.map((one) => `${String(one.cpuSeconds).padStart(7)}  ${one.check.name}: ${reason(one)}`)]);
  print([`${String(Math.round(cpuSeconds)).padStart(7)}  in all, as recorded (limit ${BUDGET_CPU_SECONDS})`]);
  write(file, selected.map(({ check }) => check));
  if (first.length === 0) return;
  print([
    '',
    `This change needs more than ${BUDGET_CPU_SECONDS / 60} CPU-minutes.`,
    'Run these first (or all that is pending: .ci/run --pending), and commit .ci/passed.md:',
    '',
    `  .ci/run ${first.map(({ check }) => check.name).join(' ')}`,
  ]);
  process.exitCode = 1;
}

function whatChanged({ inputs }: Check, changed: readonly string[] | undefined, commit: string): string {
  const own = (changed ?? []).filter((path) => inputs.includes(path));
  if (own.length === 0) return `its inputs are not those of ${commit}, where it passed`;
  return `${own[0]}${own.length > 1 ? ` and ${own.length - 1} more` : ''} changed since ${commit}, where it passed`;
}

function named(checks: readonly Check[], patterns: readonly string[]): Check[] {
  const of = (pattern: string) => {
    const found = checks.filter(({ name, isSuite, nightly }) => (pattern === SUITES_PART ? isSuite && !nightly : names(pattern, name)));
    if (found.length === 0) throw new UsageError(`there is no part ${pattern}; see .ci/run --list. A suite is named by its path, such as test/e2e/shop.ci.ts`);
    return found;
  };
  const wanted = new Set(patterns.flatMap(of));
  return checks.filter((check) => wanted.has(check));
}

function slice(which: string, patterns: readonly string[]): Check[] {
  const [, number, count] = (/^([1-9]\d*)\/([1-9]\d*)$/.exec(which) ?? []).map(Number);
  if (!(number <= count)) throw new UsageError(`'${which}' is no slice; write 1/3, 2/3 or 3/3`);
  const checkout = readCheckout(ROOT);
  const all = checksOf(checkout);
  const ofNight = patterns.includes(SUITES_PART) ? all.filter(({ nightly, isSuite }) => nightly && isSuite) : [];
  const wanted = patterns.length === 0 ? all : [...named(all, patterns), ...ofNight];
  // as committed: the slices of one commit hold every check, whatever one of them has recorded when the next begins
  const costs = new Map([PASSED, NIGHTLY].flatMap((file) => [...parseTable(committed(checkout, file), file)]));
  const taken = shares(wanted, costs, count)[number - 1];
  return all.filter((check) => taken.includes(check));
}

/** The parts first, in the order in which they begin. */
function write(file: string, checks: readonly Check[]): void {
  writeFileSync(file, checks.map(({ name }) => `${name}\n`).join(''));
}

function record(results: string, commit: string, isNight: boolean): void {
  const checkout = readCheckout(ROOT);
  const checks = checksOf(checkout);
  const known = new Set(checks.map(({ name }) => name));
  const rows = rowsOf(readFileSync(results, 'utf8'), checks, commit, new Date());
  const { recorded, refused } = withCommittedInputs(rows, checks, changedSince(checkout, commit));
  const where = commit.slice(0, 12);
  print(refused.map(({ check, changed }) => `${check} passed and is not recorded: ${changed} is not as in ${where}. Commit it, and run the check again.`));
  updateTable(join(ROOT, PASSED), PASSED_HEADING, recorded, known);
  if (isNight) updateTable(join(ROOT, NIGHTLY), NIGHTLY_HEADING, rows, known);
}

function print(lines: readonly string[]): void {
  for (const line of lines) process.stdout.write(`${line}\n`);
}

try {
  main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  process.stderr.write(`.ci/run: ${error.message}\n`);
  process.exitCode = 2;
}
