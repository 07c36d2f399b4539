import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { Finding } from './finding';
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
  look(scripts.map(({ run }) => run));
  const reported = new Set<string>();
  return scripts.flatMap(({ where, run }) => {
    // jobs share their set-up
    if (reported.has(run)) return [];
    reported.add(run);
    return seen.get(run)!.map(({ line, message }) => ({ validator: 'shellcheck', where: `${where}.run line ${line}`, message }));
  });
}

/** A look takes a tenth of a second, and workflows share most of their scripts. */
const seen = new Map<string, Remark[]>();

function look(scripts: string[]): void {
  const fresh = [...new Set(scripts)].filter((script) => !seen.has(script));
  if (fresh.length === 0) return;
  const response = execFileSync(process.execPath, [join(__dirname, 'shellcheck.mjs')], { input: JSON.stringify(fresh), encoding: 'utf8' });
  (JSON.parse(response) as Remark[][]).forEach((remarks, index) => seen.set(fresh[index], remarks));
}

/** GitHub replaces them before bash sees the text; that they are there at all is another validator's matter. */
function withoutExpressions(run: string): string {
  return run.replace(/\$\{\{.*?\}\}/gs, 'expression');
}
