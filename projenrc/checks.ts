import { github, javascript, JsonPatch } from 'projen';
import { pinned } from '../src/ci/github/pins';
import { PARTS, SUITES_PART, Toolchain } from '../tools/checks/parts';

const SETUP: Record<Toolchain, github.workflows.JobStep> = {
  go: { name: 'Set up Go', uses: pinned('actions/setup-go'), with: { 'go-version': '1.26', 'cache': false } },
  java: { name: 'Set up Java', uses: pinned('actions/setup-java'), with: { 'distribution': 'temurin', 'java-version': '17' } },
  python: { name: 'Set up Python', uses: pinned('actions/setup-python'), with: { 'python-version': '3.12' } },
};

/** Jobs among which a night divides the suites of `exhaustive`. */
const NIGHTLY_SLICES = 6;

/** Writes the workflows `checks`, which runs each part of `.ci/run` on pull requests, and `nightly`: each check in a job of its own. */
export function addChecks(project: javascript.NodeProject): void {
  const daily = PARTS.filter(({ nightly }) => !nightly).map(({ name, toolchains }) => leg({ part: name }, toolchains));
  addWorkflow(project, 'checks', { pullRequest: {}, workflowDispatch: {} }, 60, '.ci/run "$PART"', [...daily, leg({ part: SUITES_PART })]);
  const slices = Array.from({ length: NIGHTLY_SLICES }, (_, index) => leg({ part: SUITES_PART, slice: `${index + 1}/${NIGHTLY_SLICES}` }));
  const nightly = PARTS.map(({ name, toolchains }) => leg({ part: name, slice: '1/1' }, toolchains));
  addWorkflow(project, 'nightly', { schedule: [{ cron: '17 1 * * *' }], workflowDispatch: {} }, 120, '.ci/nightly "$SLICE" "$PART"', [...nightly, ...slices]);
}

type Leg = { readonly part: string; readonly slice?: string } & Record<Toolchain, boolean>;

/** A property for each toolchain: projen's matrix takes no lists as values. */
function leg(names: { part: string; slice?: string }, toolchains: readonly Toolchain[] = []): Leg {
  return { ...names, go: toolchains.includes('go'), java: toolchains.includes('java'), python: toolchains.includes('python') };
}

function addWorkflow(
  project: javascript.NodeProject, name: string, triggers: github.workflows.Triggers, timeoutMinutes: number, run: string, legs: readonly Leg[],
): void {
  const workflow = project.github!.addWorkflow(name);
  const hasSlices = legs.some(({ slice }) => slice);
  workflow.on(triggers);
  workflow.file!.patch(
    JsonPatch.add('/permissions', {}),
    JsonPatch.add('/concurrency', { 'group': `${name}-\${{ github.ref }}`, 'cancel-in-progress': true }),
  );
  workflow.addJob('check', {
    name: `check \${{ matrix.part }}${hasSlices ? ' (${{ matrix.slice }})' : ''}`,
    runsOn: ['ubuntu-latest'],
    permissions: { contents: github.workflows.JobPermission.READ },
    timeoutMinutes,
    strategy: { failFast: false, matrix: { include: [...legs] } },
    steps: [
      { name: 'Check out', uses: pinned('actions/checkout'), with: { 'persist-credentials': false } },
      { name: 'Set up Node.js', uses: pinned('actions/setup-node'), with: { 'node-version': '22', 'package-manager-cache': false } },
      ...Object.entries(SETUP).map(([toolchain, step]) => ({ ...step, if: `matrix.${toolchain}` })),
      { name: 'Run the check', env: { PART: '${{ matrix.part }}', ...hasSlices && { SLICE: '${{ matrix.slice }}' } }, run, shell: 'bash' },
      ...hasSlices ? [{ name: 'Show how it ended', if: '!cancelled()', run: 'cat .ci/nightly.md >> "$GITHUB_STEP_SUMMARY"', shell: 'bash' }] : [],
    ],
  });
}
