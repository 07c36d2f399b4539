import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import * as ts from 'typescript';
import { Fault, planted } from './fault';

/** What a call of jest ended with. */
export interface JestRun {
  /** `limit`: it took the CPU time that it may take. `none`: there was no suite to run. */
  readonly outcome: 'passed' | 'failed' | 'limit' | 'none';
  /** The suites that failed, relative to the root. */
  readonly failed: readonly string[];
  /** The name of the first test that failed. */
  readonly test?: string;
  readonly cpuSeconds: number;
}

export interface JestCall {
  readonly args: readonly string[];
  /** The limit of CPU time. @default - none */
  readonly seconds?: number;
  /** Suites near this file are run first. */
  readonly near?: string;
}

export type Bundle = 'runtime' | 'rehearsal';

/** What bundles of `assets` are made of. */
const BUNDLED = /^(?:src\/(?:runtime|contract|validation)|tools)\//;
const SEQUENCER = 'tools/fault-planting/nearest-first.cjs';

/** A second checkout, in which faults are planted. It is not in a folder of temporary files: tests remove those. */
export class Copy {
  /** Makes the checkout where there is none, with what is installed and built in `from`. */
  public static at(folder: string, from: string): Copy {
    if (!existsSync(folder)) {
      execFileSync('git', ['clone', '--quiet', '--shared', from, folder]);
      // links: the packages of both are the same files
      execFileSync('cp', ['-al', join(from, 'node_modules'), join(folder, 'node_modules')]);
      rmSync(join(folder, 'node_modules/.cache'), { recursive: true, force: true });
      for (const built of ['lib', 'assets', '.jsii']) execFileSync('cp', ['-a', join(from, built), join(folder, built)]);
    }
    return new Copy(folder, from);
  }

  private constructor(public readonly folder: string, private readonly from: string) {
    this.takeTools();
    this.plant([]);
  }

  /**
   * Plants faults in place of those before, also in what is compiled and bundled, as `npm test` does first.
   *
   * @param bundles the rehearsal takes seconds to bundle, and only its own tests run it
   */
  public plant(faults: readonly Fault[], bundles: readonly Bundle[] = ['runtime', 'rehearsal']): void {
    const before = this.git('diff', '--name-only', '--', 'src').split('\n').filter((file) => file !== '');
    this.git('checkout', '--quiet', '--', 'src');
    for (const fault of faults) {
      const path = join(this.folder, fault.file);
      writeFileSync(path, planted(fault, readFileSync(path, 'utf8')));
    }
    const files = faults.map(({ file }) => file);
    this.compile(before, 'as built');
    this.compile(files, 'anew');
    if (![...before, ...files].some((file) => BUNDLED.test(file))) return;
    for (const bundle of bundles) {
      execFileSync('npx', ['ts-node', '--transpile-only', '--project', 'projenrc/tsconfig.json', `projenrc/bundle-${bundle}.ts`], { cwd: this.folder });
    }
  }

  /** The folder of the tests that mirrors the folder of a file; undefined where there is none. */
  public testFolder(file: string): string | undefined {
    const folder = dirname(file).replace(/^src/, 'test');
    const path = join(this.folder, folder);
    return existsSync(path) && readdirSync(path).some((name) => name.endsWith('.test.ts')) ? folder : undefined;
  }

  public has(path: string): boolean {
    return existsSync(join(this.folder, path));
  }

  public jest({ args, near, seconds }: JestCall): JestRun {
    const results = join(this.folder, 'test-reports/fault-planting.json');
    mkdirSync(dirname(results), { recursive: true });
    rmSync(results, { force: true });
    const limit = seconds === undefined ? '' : `ulimit -t ${Math.ceil(seconds)}; `;
    const jest = ['npx', 'jest', '--coverage=false', '--ci', '-i', '--testSequencer', join(this.folder, SEQUENCER), '--json', '--outputFile', results, '--reporters', 'default', ...args];
    const { stderr } = spawnSync('bash', ['-c', `${limit}.ci/in-memory "$@" > /dev/null 2> test-reports/fault-planting.log; echo $? >&2; times >&2`, 'bash', ...jest], {
      cwd: this.folder, encoding: 'utf8', env: { ...process.env, NEAR: near ?? '' }, maxBuffer: 1e8,
    });
    const [code, , children] = stderr.trim().split('\n').slice(-3) as [string, string, string];
    const cpuSeconds = Math.round(children.split(' ').reduce((sum, one) => sum + secondsOf(one), 0));
    if (!existsSync(results)) {
      const log = readFileSync(join(this.folder, 'test-reports/fault-planting.log'), 'utf8');
      if (/No tests found/.test(log)) return { outcome: 'none', failed: [], cpuSeconds };
      // with --bail, and at the limit, jest writes only the log
      const failed = [...log.matchAll(/^FAIL (\S+)/gm)].map(([, suite]) => suite!);
      if (failed.length > 0) return { outcome: 'failed', failed, test: /^ +\u25cf (.+)$/m.exec(log)?.[1], cpuSeconds };
      if (seconds === undefined || cpuSeconds < seconds - 1) throw new Error(`jest ended with ${code}:\n${log.slice(-3000)}`);
      return { outcome: 'limit', failed, cpuSeconds };
    }
    const { testResults } = JSON.parse(readFileSync(results, 'utf8')) as { readonly testResults: readonly SuiteResult[] };
    if (testResults.length === 0) return { outcome: 'none', failed: [], cpuSeconds };
    const failed = testResults.filter(({ status }) => status === 'failed');
    const test = failed[0]?.assertionResults.find(({ status }) => status === 'failed')?.fullName;
    return { outcome: failed.length > 0 ? 'failed' : 'passed', failed: failed.map(({ name }) => name.slice(this.folder.length + 1)), test, cpuSeconds };
  }

  /** The suites of `npm test` that reach one of these files. */
  public related(files: readonly string[]): string[] {
    const listed = spawnSync('npx', ['jest', '--listTests', '--findRelatedTests', ...files], { cwd: this.folder, encoding: 'utf8', maxBuffer: 1e8 }).stdout;
    return listed.split('\n').filter((path) => path.endsWith('.test.ts')).map((path) => path.slice(this.folder.length + 1));
  }

  public get commit(): string {
    return this.git('rev-parse', 'HEAD').trim().slice(0, 8);
  }

  /** The sequencer of a base that does not have it yet. */
  private takeTools(): void {
    mkdirSync(join(this.folder, dirname(SEQUENCER)), { recursive: true });
    writeFileSync(join(this.folder, SEQUENCER), readFileSync(join(this.from, SEQUENCER)));
  }

  private compile(files: readonly string[], how: 'as built' | 'anew'): void {
    for (const file of files) {
      const compiled = file.replace(/^src/, 'lib').replace(/\.ts$/, '.js');
      const path = join(this.folder, compiled);
      if (!existsSync(path)) continue;
      writeFileSync(path, how === 'as built' ? readFileSync(join(this.from, compiled)) : javascript(readFileSync(join(this.folder, file), 'utf8')));
    }
  }

  private git(...args: string[]): string {
    return execFileSync('git', args, { cwd: resolve(this.folder), encoding: 'utf8' });
  }
}

function javascript(source: string): string {
  const compilerOptions = { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022, experimentalDecorators: true };
  return ts.transpileModule(source, { compilerOptions }).outputText;
}

interface SuiteResult {
  readonly name: string;
  readonly status: string;
  readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
}

/** `1m2.345s`, as `times` of bash prints it. */
function secondsOf(text: string): number {
  const [, minutes, seconds] = /^(\d+)m([\d.]+)s$/.exec(text) ?? [];
  return Number(minutes) * 60 + Number(seconds);
}
