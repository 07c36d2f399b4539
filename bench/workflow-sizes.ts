import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Component, github, javascript, LogLevel, typescript } from 'projen';
import { Figure, Measurement } from './measurement';
import { Alert, Delivery, Duration, HealthCheck, NamedEnvironment, ReleaseIdentity, Schedule, Strategy, Target, Trigger } from '../lib';

const COUNTS = [1, 3, 30, 200];
const WORKFLOWS = ['deploy', 'rollback', 'drill', 'monitor'];
/** Lines of deploy.yml for one more environment, and of rollback.yml for any number. */
export const DEPLOY_LINES = 150;
export const ROLLBACK_LINES = 320;

/** Of one workflow: what was written, or the size that synthesis refused. */
export type Size = { readonly lines: number; readonly bytes: number } | { readonly rejectedBytes: number };

/** (j) What reviewers read, and GitHub starts. */
export const workflowSizes: Measurement = {
  letter: 'j',
  name: 'workflow-sizes',
  title: 'size of each workflow, with an artifact, alerts and approvals',

  async run(say) {
    const sizes = COUNTS.map((count) => {
      say(`${count} environments`);
      return { count, workflows: sizesOf(count) };
    });
    const [one, three] = sizes.map(({ workflows }) => linesOf(workflows.deploy));
    return {
      figures: figures(three - one, sizes.map(({ workflows }) => linesOf(workflows.rollback))),
      table: {
        headers: ['environments', ...WORKFLOWS.map((name) => `${name}.yml`)],
        rows: sizes.map(({ count, workflows }) => [String(count), ...WORKFLOWS.map((name) => shown(workflows[name]))]),
        caption: 'GitHub starts no workflow of more than 500 KB, and says nothing of it: so synthesis refuses it.',
      },
      notes: ['A TypeScript app whose build is deployed with a token, one environment after the other, each with reviewers and a twin for rollbacks; a webhook and an issue as alerts; a drill and a watch on schedule.'],
      data: sizes,
      plot: {
        title: 'Lines of the workflows',
        x: 'environments',
        y: 'lines',
        series: ['deploy', 'rollback', 'drill'].map((name) => ({ name: `${name}.yml`, points: sizes.filter(({ workflows }) => 'lines' in workflows[name]).map(({ count, workflows }) => [count, linesOf(workflows[name])] as const) })),
      },
    };
  },
};

function figures(twoMore: number, rollback: number[]): Figure[] {
  const perEnvironment = twoMore / 2;
  const most = Math.max(...rollback);
  return [
    { what: 'deploy.yml, lines for one more environment', measured: String(perEnvironment), limit: `≤ ${DEPLOY_LINES}`, holds: perEnvironment <= DEPLOY_LINES },
    { what: 'rollback.yml, lines for any number of environments', measured: String(most), limit: `≤ ${ROLLBACK_LINES}`, holds: most <= ROLLBACK_LINES },
  ];
}

/** By workflow. Each file is written and finished for itself, so that one that is refused keeps no other from being measured. */
export function sizesOf(count: number): Record<string, Size> {
  const outdir = mkdtempSync(join(tmpdir(), 'bench-workflows-'));
  try {
    const project = new typescript.TypeScriptAppProject({
      name: 'app', outdir, defaultReleaseBranch: 'main', packageManager: javascript.NodePackageManager.NPM, logging: { level: LogLevel.OFF },
    });
    const delivery = equip(project, count);
    project.preSynthesize();
    const { workflow, rollbackWorkflow, drillWorkflow, monitorWorkflow } = delivery;
    const all = { deploy: workflow, rollback: rollbackWorkflow, drill: drillWorkflow!, monitor: monitorWorkflow! };
    return Object.fromEntries(Object.entries(all).map(([name, one]) => [name, sizeOf(() => write(one), one.file!.absolutePath)]));
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

/** In projen's order: what finishes the file is below it. */
function write({ node, file }: github.GithubWorkflow): void {
  for (const one of [...node.findAll(), ...file!.node.findAll()]) if (one instanceof Component) one.synthesize();
}

function sizeOf(act: () => void, path: string): Size {
  try {
    act();
  } catch (error) {
    const [, bytes] = /has (\d+) bytes/.exec((error as Error).message) ?? [];
    if (bytes === undefined) throw error;
    return { rejectedBytes: Number(bytes) };
  }
  const text = readFileSync(path, 'utf8');
  return { lines: text.trimEnd().split('\n').length, bytes: Buffer.byteLength(text) };
}

function equip(project: typescript.TypeScriptAppProject, count: number): Delivery {
  for (const task of ['ship', 'switch-traffic']) project.addTask(task, { exec: `scripts/${task}.sh` });
  const names = Array.from({ length: count }, (_, index) => `stage-${index + 1}`);
  return new Delivery(project, {
    target: Target.tasks({ deploy: 'ship', promote: 'switch-traffic' }),
    artifact: { buildTask: 'build', paths: ['lib'] },
    secrets: ['DEPLOY_TOKEN'],
    alerts: [Alert.webhook('ALERT_WEBHOOK'), Alert.githubIssue()],
    monitoring: { interval: Duration.minutes(5) },
    drill: { environments: names, schedule: Schedule.weekly('Tue 03:17') },
    environments: names.map((name, index): NamedEnvironment => ({
      name,
      trigger: index === 0 ? Trigger.branch('main') : Trigger.after(names[index - 1]),
      url: `https://${name}.example.com`,
      rollbackEnvironment: `${name}-rollback`,
      healthChecks: [HealthCheck.http(`https://${name}.example.com/health`, { release: ReleaseIdentity.json('version') })],
      strategy: Strategy.blueGreen({ candidateUrl: `https://{slot}.${name}.example.com` }),
    })),
  });
}

function linesOf(size: Size): number {
  return 'lines' in size ? size.lines : 0;
}

function shown(size: Size): string {
  const inKb = (bytes: number) => `${Math.ceil(bytes / 1024)} KB`;
  return 'lines' in size ? `${size.lines} lines, ${inKb(size.bytes)}` : `refused (${inKb(size.rejectedBytes)})`;
}
