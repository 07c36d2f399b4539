import { github, javascript, JsonPatch } from 'projen';
import { pinned } from '../src/ci/github/pins';

type Toolchain = 'go' | 'java' | 'python';

/** Every part of `.ci/run`, in its order, with what it needs beyond Node and Ubuntu's packages. test/checks-workflow.test.ts compares the two. */
const PARTS: Record<string, readonly Toolchain[]> = {
  'test': [],
  'build': [],
  'lint': [],
  'targets/kubernetes': ['go'],
  'targets/git-ops': ['go'],
  'bindings': [],
  'targets/aws-cdk': ['python'],
  'targets/ecs': ['python'],
  'targets/image': ['python'],
  'targets/lambda': ['python'],
  'targets/servers': [],
  'targets/aws-cdk-newcomer': ['python'],
  'targets/aws-cdk-python': ['python'],
  'other-engines': ['go'],
  'library': [],
  'toolchains': ['java', 'python'],
  'security': ['go', 'python'],
  'second-engine': ['go'],
  'java-consumer': ['java'],
  'prometheus': [],
  'projen-versions': [],
  'python-consumer': ['python'],
  'python-service': ['python'],
  'tutorial': [],
  'newcomer': [],
  'own-release': [],
  'examples': [],
  'lint-workflows': [],
  'site': [],
  'status-page': [],
  'go-consumer': ['go'],
  'targets/static-site': ['python'],
  'targets/npm': [],
  'targets/registry': ['go', 'java', 'python'],
  'targets/github-pages': [],
  'demo': [],
  'exhaustive': [],
};

const SETUP: Record<Toolchain, github.workflows.JobStep> = {
  go: { name: 'Set up Go', uses: pinned('actions/setup-go'), with: { 'go-version': '1.26', 'cache': false } },
  java: { name: 'Set up Java', uses: pinned('actions/setup-java'), with: { 'distribution': 'temurin', 'java-version': '17' } },
  python: { name: 'Set up Python', uses: pinned('actions/setup-python'), with: { 'python-version': '3.12' } },
};

/** Writes the workflow `checks`: it runs the parts of `.ci/run` on pull requests, each in a job of its own. */
export function addChecks(project: javascript.NodeProject): void {
  const workflow = project.github!.addWorkflow('checks');
  workflow.on({ pullRequest: {}, workflowDispatch: {} });
  workflow.file!.patch(
    JsonPatch.add('/permissions', {}),
    JsonPatch.add('/concurrency', { 'group': 'checks-${{ github.ref }}', 'cancel-in-progress': true }),
  );
  workflow.addJob('check', {
    name: 'check ${{ matrix.part }}',
    runsOn: ['ubuntu-latest'],
    permissions: { contents: github.workflows.JobPermission.READ },
    timeoutMinutes: 60,
    strategy: { failFast: false, matrix: { include: Object.entries(PARTS).map(([part, toolchains]) => ({ part, ...needs(toolchains) })) } },
    steps: [
      { name: 'Check out', uses: pinned('actions/checkout'), with: { 'persist-credentials': false } },
      { name: 'Set up Node.js', uses: pinned('actions/setup-node'), with: { 'node-version': '24', 'package-manager-cache': false } },
      ...Object.entries(SETUP).map(([toolchain, step]) => ({ ...step, if: `matrix.${toolchain}` })),
      { name: 'Run the part', env: { PART: '${{ matrix.part }}' }, run: '.ci/run "$PART"', shell: 'bash' },
    ],
  });
}

/** A property for each toolchain: projen's matrix takes no lists as values. */
function needs(toolchains: readonly Toolchain[]): Record<Toolchain, boolean> {
  return { go: toolchains.includes('go'), java: toolchains.includes('java'), python: toolchains.includes('python') };
}
