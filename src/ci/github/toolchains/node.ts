import { github, javascript } from 'projen';
import { runIn, Toolchain } from './toolchain';

/** A subproject's toolchain comes after the root's, whose projen runs the tasks. In workspaces the root installs for all. */
export function nodeToolchains(project: javascript.NodeProject, directory: string): Toolchain[] {
  const { root } = project;
  const own = nodeToolchain(project, directory);
  if (root === project || !(root instanceof javascript.NodeProject)) return [own];
  const above = nodeToolchain(root, '.');
  if ((root.package.manifest as { workspaces?: unknown }).workspaces !== undefined) return [above];
  const known = new Set(above.steps.map((step) => JSON.stringify(step)));
  const added = own.steps.filter((step) => !known.has(JSON.stringify(step)));
  return [above, { ...own, steps: added.map((step) => (step.workingDirectory === directory ? { ...step, name: `${step.name ?? 'Install'} (${directory})` } : step)) }];
}

/** The set-up of projen's own workflows: Node, the package manager, and the dependencies of the lock file. */
function nodeToolchain(project: javascript.NodeProject, directory: string): Toolchain {
  const steps = project.renderWorkflowSetup({ mutable: false, installStepConfiguration: runIn(directory) });
  const node = inputOf(steps, 'actions/setup-node', 'node-version');
  const bun = inputOf(steps, 'oven-sh/setup-bun', 'bun-version');
  return {
    steps,
    warnings: [
      ...(node === undefined || /^\d/.test(node) ? [] : [moving('Node', node, 'workflowNodeVersion: \'24\'')]),
      ...(bun === undefined || /^\d+\.\d+\.\d+$/.test(bun) ? [] : [moving('Bun', bun, 'bunVersion: \'1.3.5\'')]),
    ],
  };
}

function inputOf(steps: github.workflows.JobStep[], action: string, input: string): string | undefined {
  const value: unknown = steps.find(({ uses }) => uses?.startsWith(`${action}@`))?.with?.[input];
  return value === undefined ? undefined : String(value);
}

/** `lts/*` of Next.js projects, `latest` of Bun. */
function moving(tool: string, version: string, fix: string): string {
  return `${tool} is set up as '${version}', which may be another one at every deployment. Name the one that you use: ${fix}`;
}
