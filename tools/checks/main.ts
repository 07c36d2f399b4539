/**
 * Says which checks run, and records what passed. `.ci/run` and `.ci/nightly` call it:
 *
 *     .ci/checks list                                  the names of all parts
 *     .ci/checks select <file>                         writes what a landing of this commit runs into the file, and prints why
 *     .ci/checks owed <file> <k>/<n>                   writes a slice of what is owed; with NIGHTLY=1, of what the release needs of a night
 *     .ci/checks named <file> <check>...               writes the checks that patterns name
 *     .ci/checks slice <file> <k>/<n> [<check>...]     writes a slice of a night
 *     .ci/checks share                                 prints the part that sampled suites take, such as 3/8
 *     .ci/checks failed <file> <selected> <results>    writes what may run once more; exit code 1 if something failed for good
 *     .ci/checks record <results> <commit> [--night]   records what passed
 *     .ci/checks debt                                  prints what is owed
 *     .ci/checks second-tries                          prints what passed only at a second try
 *     .ci/checks landed [<commit>]                     records what a commit that landed has proven; without it, of HEAD
 *     .ci/checks release                               prints what refuses a release of this commit; exit code 1 if something does
 */
import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { changedSince, changesSince, Checkout, cloneAt, commitOf, committed, dayOf, readCheckout } from './checkout';
import { Changes, debtOf, Owed, sliceOf } from './debt';
import { Check, checksOf } from './inputs';
import { names, PARTS, SUITES_PART } from './parts';
import { NIGHTLY, parseTable, PASSED, readTable, Row, updateTable } from './pass-table';
import { nightDebt, refusals } from './release-gate';
import { failedOf, rowsOf, withCommittedInputs } from './results';
import { BUDGET_CPU_SECONDS, cost, nightCost, select, Selected, shareOf, shares } from './selection';

const ROOT = join(__dirname, '../..');
const PASSED_HEADING = `
# What passed

\`.ci/run\` and \`.ci/nightly\` write this file: for each check the hash of the inputs with which it last passed.
[CONTRIBUTING](../CONTRIBUTING.md#landing-night-release) says how it is used. Commit it as it was written.
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
    case 'owed': return write(args[0], owedSlice(args[1]));
    case 'named': return write(args[0], named(checksOf(readCheckout(ROOT)), args.slice(1)));
    case 'slice': return write(args[0], slice(args[1], args.slice(2)));
    case 'share': return print([shareOf(readCheckout(ROOT).commit)]);
    case 'failed': return failed(args[0], args[1], args[2]);
    case 'record': return record(args[0], args[1], args.includes('--night'));
    case 'debt': return printDebt();
    case 'second-tries': return printSecondTries();
    case 'landed': return recordLanded(args[0] ?? 'HEAD');
    case 'release': return gateRelease();
    case undefined: throw new UsageError('name a command; tools/checks/main.ts lists them');
    default: throw new UsageError(`there is no command ${command}; tools/checks/main.ts lists them`);
  }
}

function selectForCommit(file: string): void {
  const checkout = readCheckout(ROOT);
  const { selected, cpuSeconds, left } = select(checksOf(checkout), passedRows(), changesOf(checkout), checkout.commit);
  print(['  CPU s  check, and why it runs', ...selected.map((one) => `${String(one.cpuSeconds).padStart(7)}  ${one.check.name}: ${reason(one)}`)]);
  print([`${String(cpuSeconds).padStart(7)}  in all, as recorded (budget ${BUDGET_CPU_SECONDS}); sampled suites take share ${shareOf(checkout.commit)}`]);
  print([left.length === 0 ? 'Nothing is owed beyond it.' : `Owed beyond it: ${sumOf(left)}.`]);
  write(file, selected.map(({ check }) => check));
}

function reason({ why, owed }: Selected): string {
  if (!owed) return why;
  if (owed.since === 0) return 'it never passed';
  const [first, ...others] = owed.changed;
  return first === undefined ? 'its inputs are others than those with which it passed' : `${first}${others.length > 0 ? ` and ${others.length} more` : ''} changed since it passed`;
}

function owedSlice(which: string): Check[] {
  const checkout = readCheckout(ROOT);
  const checks = checksOf(checkout);
  const night = readTable(join(ROOT, NIGHTLY));
  const debt = process.env.NIGHTLY
    ? checks.filter((check) => nightDebt(check, night))
    : debtOf(checks, passedRows(), changesOf(checkout), checkout.commit).map(({ check }) => check);
  const wanted = sliceOf(debt, ...numbersOf(which));
  // in the order in which they begin
  return checks.filter((check) => wanted.includes(check));
}

function printDebt(): void {
  const checkout = readCheckout(ROOT);
  const debt = debtOf(checksOf(checkout), passedRows(), changesOf(checkout), checkout.commit);
  if (debt.length === 0) return print(['Nothing is owed.']);
  const { check, since } = debt.reduce((a, b) => (b.since < a.since ? b : a));
  const age = since === 0 ? 'which never passed' : `since ${new Date(since * 1000).toISOString().slice(0, 10)}`;
  print([`Owed: ${sumOf(debt)}. The oldest: ${check.name}, ${age}. To pay: .ci/nightly --owed`]);
}

function sumOf(debt: readonly Owed[]): string {
  const passed = passedRows();
  const cpuMinutes = debt.reduce((sum, { check }) => sum + cost(check, passed), 0) / 60;
  return `${debt.length} ${debt.length === 1 ? 'check' : 'checks'}, ${cpuMinutes.toFixed(0)} CPU-minutes`;
}

function named(checks: readonly Check[], patterns: readonly string[]): Check[] {
  const of = (pattern: string) => {
    const found = checks.filter(({ name, isSuite }) => (pattern === SUITES_PART ? isSuite : names(pattern, name)));
    if (found.length === 0) throw new UsageError(`there is no part ${pattern}; see .ci/run --list. A suite is named by its path, such as test/e2e/shop.ci.ts`);
    return found;
  };
  const wanted = new Set(patterns.flatMap(of));
  return checks.filter((check) => wanted.has(check));
}

function slice(which: string, patterns: readonly string[]): Check[] {
  const [number, count] = numbersOf(which);
  const checkout = readCheckout(ROOT);
  const all = checksOf(checkout);
  const wanted = patterns.length === 0 ? all : named(all, patterns);
  // as committed: the slices of one commit hold every check, whatever one of them has recorded when the next begins
  const costs = new Map([PASSED, NIGHTLY].flatMap((file) => [...parseTable(committed(checkout, file), file)]));
  const taken = shares(wanted, (check) => nightCost(check, costs), count)[number - 1];
  return all.filter((check) => taken.includes(check));
}

function numbersOf(which: string): [number, number] {
  const [, number, count] = (/^([1-9]\d*)\/([1-9]\d*)$/.exec(which) ?? []).map(Number);
  if (!(number <= count)) throw new UsageError(`'${which}' is no slice; write 1/3, 2/3 or 3/3`);
  return [number, count];
}

/** The parts first, in the order in which they begin. */
function write(file: string, checks: readonly { readonly name: string }[]): void {
  writeFileSync(file, checks.map(({ name }) => `${name}\n`).join(''));
}

function failed(file: string, selected: string, results: string): void {
  const checks = checksOf(readCheckout(ROOT));
  const wanted = readFileSync(selected, 'utf8').split('\n');
  const rows = rowsOf(readFileSync(results, 'utf8'), checks, { commit: '', now: new Date() });
  const ended = new Set(rows.map(({ check }) => check));
  const { again, final } = failedOf(checks.filter(({ name }) => wanted.includes(name)), rows, passedRows());
  // a suite whose process died has no line of its own
  for (const name of [...again, ...final].filter((one) => !ended.has(one))) appendFileSync(results, `${name}\tfailed\t0\t0\n`);
  write(file, again.map((name) => ({ name })));
  if (final.length === 0) return;
  print([`.ci/run: failed, and does not run once more (it always runs, or its last pass was a second try): ${final.join(' ')}`]);
  process.exitCode = 1;
}

function record(results: string, commit: string, isNight: boolean): void {
  const checkout = readCheckout(ROOT);
  const checks = checksOf(checkout);
  const known = new Set(checks.map(({ name }) => name));
  const rows = rowsOf(readFileSync(results, 'utf8'), checks, { commit, now: new Date(), share: process.env.SHARE });
  const { recorded, refused } = withCommittedInputs(rows, checks, changedSince(checkout, commit));
  const where = commit.slice(0, 12);
  print(refused.map(({ check, changed }) => `${check} passed and is not recorded: ${changed} is not as in ${where}. Commit it, and run the check again.`));
  updateTable(join(ROOT, PASSED), PASSED_HEADING, recorded, known);
  if (isNight) updateTable(join(ROOT, NIGHTLY), NIGHTLY_HEADING, rows, known);
}

function printSecondTries(): void {
  const rows = [PASSED, NIGHTLY].flatMap((file) => [...readTable(join(ROOT, file)).values()].filter(({ result }) => result === 'second try').map((row) => ({ file, ...row })));
  print(rows.map(({ file, check, date, commit }) => `second try (${file}): ${check}, ${date}, ${commit}. If it fails once more, it fails the run: find the cause.`));
}

/** The commit computes its own selection; the hashes are those of its files, by the rules of this checkout. */
function recordLanded(ref: string): void {
  const commit = commitOf(ROOT, ref);
  const work = mkdtempSync(join(tmpdir(), 'landed-'));
  try {
    const clone = join(work, 'clone');
    cloneAt(ROOT, commit, clone);
    execFileSync(join(clone, '.ci/checks'), ['select', join(work, 'selected')], { stdio: ['ignore', 'ignore', 'inherit'] });
    const selected = readFileSync(join(work, 'selected'), 'utf8').split('\n');
    const checks = checksOf(readCheckout(clone));
    const passed = passedRows();
    const rows = checks.filter(({ name }) => selected.includes(name)).map((check) => landedRow(check, commit, passed));
    updateTable(join(ROOT, PASSED), PASSED_HEADING, rows, new Set(checksOf(readCheckout(ROOT)).map((check) => check.name)));
    print([`${rows.length} checks passed with the landing of ${commit.slice(0, 12)}. Commit ${PASSED}.`]);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function landedRow(check: Check, commit: string, passed: ReadonlyMap<string, Row>): Row {
  return {
    check: check.name,
    result: 'passed',
    inputs: check.hash,
    commit: commit.slice(0, 12),
    date: dayOf(ROOT, commit),
    seconds: passed.get(check.name)?.seconds ?? 0,
    cpuSeconds: cost(check, passed),
    share: check.isSampled ? shareOf(commit) : '',
  };
}

function gateRelease(): void {
  const refused = refusals(checksOf(readCheckout(ROOT)), passedRows(), readTable(join(ROOT, NIGHTLY)));
  if (refused.length === 0) return print(['Every check passed with the inputs of this commit, and so did the night.']);
  print([`This commit is not released: ${refused.length} checks have not passed with its inputs.`, ...refused.map((line) => `  ${line}`)]);
  print(['To pay: .ci/nightly --owed, and NIGHTLY=1 .ci/nightly --owed for the bounds of a night. Then commit .ci/passed.md and .ci/nightly.md.']);
  process.exitCode = 1;
}

function passedRows(): Map<string, Row> {
  return readTable(join(ROOT, PASSED));
}

/** Reads git once for each commit. */
function changesOf(checkout: Checkout): Changes {
  const known = new Map<string, ReadonlyMap<string, number> | undefined>();
  return {
    since: (commit) => {
      if (!known.has(commit)) known.set(commit, changesSince(checkout, commit));
      return known.get(commit);
    },
  };
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
