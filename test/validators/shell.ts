import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { Finding } from './finding';
import { keep, known } from './kept';
import { parseWorkflow, stepsOf } from './workflow';

/** What ShellCheck says of a script. */
interface Remark {
  readonly line: number;
  readonly message: string;
}

/** ShellCheck on every `run`. */
export async function shell(text: string): Promise<Finding[]> {
  const scripts = stepsOf(parseWorkflow(text))
    .filter(({ step, job }) => step.run !== undefined && /^(bash|sh)\b/.test(step.shell ?? job.defaults?.run?.shell ?? 'bash'))
    .map(({ step, where }) => ({ where, run: withoutExpressions(step.run!) }));
  const seen = look(scripts.map(({ run }) => run));
  const reported = new Set<string>();
  return scripts.flatMap(({ where, run }) => {
    // jobs share their set-up
    if (reported.has(run)) return [];
    reported.add(run);
    return seen.get(run)!.map(({ line, message }) => ({ validator: 'shellcheck', where: `${where}.run line ${line}`, message }));
  });
}

/** By script. A look takes a tenth of a second, and the process in which it is taken a quarter: more if V8 compiled it for speed. */
function look(scripts: string[]): Map<string, Remark[]> {
  const seen = new Map([...new Set(scripts)].map((script) => [script, known<Remark[]>('shellcheck', script)]));
  const fresh = [...seen.keys()].filter((script) => !seen.get(script));
  if (fresh.length > 0) {
    const response = execFileSync(process.execPath, ['--liftoff-only', join(__dirname, 'shellcheck.mjs')], { input: JSON.stringify(fresh), encoding: 'utf8' });
    (JSON.parse(response) as Remark[][]).forEach((remarks, index) => seen.set(fresh[index], keep(remarks, 'shellcheck', fresh[index])));
  }
  return seen as Map<string, Remark[]>;
}

/** GitHub replaces them before bash sees the text; that they are there at all is another validator's matter. */
function withoutExpressions(run: string): string {
  return run.replace(/\$\{\{.*?\}\}/gs, 'expression');
}
