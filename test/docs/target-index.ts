/**
 * The table of docs/targets.md: each target with what it is tested with, its measured time back, and what is not covered.
 * After `npm run bench -- t` or a change here: npx ts-node --transpile-only --project test/tsconfig.json test/docs/target-index.ts
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isBusy, medianOf, readResult, Result } from './target-figures';

export const DOCUMENT = join(__dirname, '../../docs/targets.md');

export interface Row {
  readonly target: string;
  /** The page in docs, from docs. */
  readonly page: string;
  readonly engine: string;
  /** Names in bench/results/target-rollbacks.json; until they are measured there, and where they are not, `back` counts. */
  readonly measured?: readonly string[];
  readonly back: string;
  readonly uncovered: string;
}

export const ROWS: readonly Row[] = [
  {
    target: '`Target.tasks`, `Target.commands`',
    page: 'commands.md',
    engine: 'your commands; the example shop, behind a router',
    back: '0.1 s ([d](figures.md))',
    uncovered: 'what your commands do',
  },
  {
    target: 'your commands with an image', page: 'images.md', engine: 'Docker and a registry', measured: ['image and commands'], back: 'not measured', uncovered: 'what your commands do',
  },
  {
    target: '`Target.awsCdk`',
    page: 'targets/aws-cdk.md',
    engine: 'CDK CLI and AWS CLI, AWS emulated',
    measured: ['CDK', 'CDK, fast path'],
    back: '8 s',
    uncovered: 'AWS itself: CloudFormation takes minutes; IAM is not enforced',
  },
  { target: '`Target.lambda`', page: 'targets/lambda.md', engine: 'AWS CLI, AWS emulated', measured: ['Lambda'], back: 'not measured', uncovered: 'AWS itself; what weights do on invocations' },
  {
    target: '`Target.ecs`',
    page: 'targets/ecs.md',
    engine: 'AWS CLI, AWS emulated, tasks in Docker',
    measured: ['ECS rolling', 'ECS blue/green'],
    back: 'not measured',
    uncovered: 'AWS itself; ECS\'s own blue/green and canaries run with a stand-in only',
  },
  { target: '`Target.staticSite`', page: 'targets/static-site.md', engine: 'AWS CLI, AWS emulated', measured: ['static site'], back: 'not measured', uncovered: 'caches: edge locations take up to minutes' },
  { target: '`Target.githubPages`', page: 'targets/github-pages.md', engine: 'git over HTTP, a stand-in for GitHub with builds of 1 s', measured: ['GitHub Pages'], back: '2 s, builds of 1 s', uncovered: 'GitHub itself: its builds and its CDN' },
  { target: '`Target.gitOps`', page: 'targets/git-ops.md', engine: 'git over HTTP, Flux 1.7 on Kubernetes 1.34', measured: ['GitOps'], back: '4.3 s', uncovered: 'Argo CD runs with a stand-in only; managed clusters' },
  { target: '`Target.npm`', page: 'targets/npm.md', engine: 'npm CLI, Verdaccio', measured: ['npm'], back: '2 to 7 s, a busy machine', uncovered: 'npmjs.com and GitHub Packages themselves, caches' },
  { target: '`Target.registry`', page: 'targets/registry.md', engine: 'pip, go and mvn, registries of files', back: 'no way back: halted', uncovered: 'the public registries themselves' },
  { target: '`Target.kubernetes`', page: 'targets/kubernetes.md', engine: 'kubectl, Helm 3.19, Kubernetes 1.34, one node with real pods', measured: ['Kubernetes'], back: '2 to 6 s', uncovered: 'managed clusters, several nodes, autoscalers' },
  { target: '`Target.kubernetes` with slots', page: 'targets/kubernetes-slots.md', engine: 'kubectl, Kubernetes 1.34, one node with real pods', measured: ['Kubernetes with slots'], back: '0.7 to 2.1 s', uncovered: 'managed clusters, several nodes; weights' },
  { target: '`Target.kubernetes` with Argo Rollouts', page: 'targets/kubernetes-argo-rollouts.md', engine: 'kubectl, Kubernetes 1.34, Argo Rollouts 1.9', measured: ['Argo Rollouts canary', 'Argo Rollouts blue/green'], back: '0.6 to 7 s', uncovered: 'managed clusters, several nodes, traffic routers' },
  { target: '`Target.servers`', page: 'targets/servers.md', engine: 'OpenSSH, nginx, HAProxy, three hosts', measured: ['servers'], back: '0.6 to 1.5 s', uncovered: 'hosts with systemd, networks that are slow' },
  { target: '`Target.servers` behind HAProxy', page: 'targets/servers-slots.md', engine: 'OpenSSH, HAProxy, three hosts', measured: ['servers behind HAProxy'], back: '5 to 9 s, a lost process', uncovered: 'hosts with systemd, networks that are slow; containers in slots' },
  { target: '`Target.servers` behind Caddy', page: 'targets/servers-caddy.md', engine: 'OpenSSH, Caddy 2.11, three hosts', measured: ['servers behind Caddy'], back: '2.2 and 3.2 s', uncovered: 'hosts with systemd, networks that are slow; containers in slots' },
  {
    target: '`Target.servers` with containers',
    page: 'targets/servers-containers.md',
    engine: 'OpenSSH, Docker or Podman, two hosts',
    measured: ['servers with containers', 'servers with Podman'],
    back: '0.5 to 1.8 s, [beside Kamal](targets/servers-containers.md#beside-kamal)',
    uncovered: 'hosts with systemd, networks that are slow; engines without root',
  },
];

function backOf({ back, measured = [] }: Row, result: Result | undefined): string {
  if (measured.length === 0 || measured.some((name) => result?.data[name] === undefined)) return back;
  const times = measured.map((name) => {
    const found = result!.data[name];
    const median = `${(medianOf(found.restores) / 1000).toFixed(1)} s${isBusy(found) ? ` at a load of ${found.loadBefore.toFixed(0)}` : ''}`;
    return name === measured[0] ? median : `${median} (${name})`;
  }).join(', ');
  // those of a busy machine say less than what is known
  const isAll = back === 'not measured' || !measured.some((name) => isBusy(result!.data[name]));
  return isAll ? times : `${back}; ${times}`;
}

const BLOCK = /(<!-- made by test\/docs\/target-index\.ts -->\n)[\s\S]*?(\n<!-- end -->)/;

/** The document with the table of a result. */
export function withIndex(text: string, result: Result | undefined): string {
  if (!BLOCK.test(text)) throw new Error('docs/targets.md has no place for the table of targets');
  const rows = ROWS.map((row) => `| [${row.target}](${row.page}) | ${row.engine} | ${backOf(row, result)} | ${row.uncovered} |`);
  const table = ['| Target | Tested with | Time back | Not covered |', '|---|---|---|---|', ...rows].join('\n');
  return text.replace(BLOCK, (_, before: string, after: string) => before + table + after);
}

if (require.main === module) writeFileSync(DOCUMENT, withIndex(readFileSync(DOCUMENT, 'utf8'), readResult()));
