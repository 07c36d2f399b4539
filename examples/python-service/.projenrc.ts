import { python } from 'projen';
import { JobPermission } from 'projen/lib/github/workflows-model';
import { Delivery, HealthCheck, ReleaseIdentity, Target, Trigger } from 'projen-delivery';

const PYTHON_VERSIONS = ['3.10', '3.11', '3.12', '3.13'];

/** Third-party actions, as commits: a tag can be moved. */
const CHECKOUT = 'actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1'; // v7.0.1
const SETUP_PYTHON = 'actions/setup-python@5fda3b95a4ea91299a34e894583c3862153e4b97'; // v7.0.0
const UPLOAD_ARTIFACT = 'actions/upload-artifact@043fb46d1a93c77aae656e7c1c64a875d1fc6a0a'; // v7.0.1

const project = new python.PythonProject({
  name: 'quotes',
  moduleName: 'quotes',
  authorName: 'an engineer',
  authorEmail: 'engineer@example.com',
  version: '0.0.0',
  projenrcTs: true,
  setuptools: false,
  sample: false,
  pytestOptions: { version: '8.3.5' },
  devDeps: ['pytest-cov@^6.0.0'],
  githubOptions: { mergify: false, pullRequestLint: false },
});
project.gitignore.addPatterns('/dist/', '/node_modules/', '/test-reports/', '/coverage.xml');

const delivery = new Delivery(project, {
  // Deploys happen once, after the whole matrix: not once per version of Python
  needs: ['test'],
  // Everything is on loopback: the jobs run on the machine that serves
  runsOn: ['self-hosted'],
  target: Target.commands({ deploy: 'python3 machine/service.py deploy' }),
  // which needs nothing but the machine's Python: a registry's outage is nothing to it
  toolchainSteps: [],
  artifact: {
    paths: ['dist'],
    setupSteps: [{ id: 'bundle', name: 'bundle the service', run: 'python3 machine/bundle.py' }],
  },
});

delivery.addEnvironment('staging', {
  trigger: Trigger.branch('main'),
  url: 'http://127.0.0.1:8280',
  variables: { QUOTES_HOME: '.quotes/staging', QUOTES_PORT: '8280', API_URL: 'https://staging-api.example.com' },
  healthChecks: [HealthCheck.http('http://127.0.0.1:8280/health', { release: ReleaseIdentity.json('version') })],
});

delivery.addEnvironment('production', {
  trigger: Trigger.tag('v*', { requires: 'staging' }),
  url: 'http://127.0.0.1:8380',
  variables: { QUOTES_HOME: '.quotes/production', QUOTES_PORT: '8380', API_URL: 'https://api.example.com' },
  healthChecks: [HealthCheck.http('http://127.0.0.1:8380/health', { release: ReleaseIdentity.json('version') })],
});

delivery.workflow.addJob('test', {
  name: 'test on Python ${{ matrix.python }}',
  runsOn: ['ubuntu-latest'],
  timeoutMinutes: 10,
  permissions: { contents: JobPermission.READ },
  strategy: { failFast: false, matrix: { domain: { python: PYTHON_VERSIONS } } },
  steps: [
    { id: 'checkout', name: 'check out the commit', uses: CHECKOUT, with: { 'persist-credentials': false } },
    { id: 'python', name: 'set up Python', uses: SETUP_PYTHON, with: { 'python-version': '${{ matrix.python }}' } },
    { id: 'install', name: 'install the dependencies', run: 'python -m pip install -r requirements.txt -r requirements-dev.txt' },
    {
      id: 'pytest',
      name: 'run the tests',
      run: 'python -m pytest --cov=quotes --cov-report=xml:coverage.xml --junitxml=test-reports/junit.xml',
    },
    keep('coverage', 'coverage.xml'),
    keep('test-reports', 'test-reports'),
  ],
});

/** Keeps a report, above all that of a failure. */
function keep(what: string, path: string) {
  return {
    id: what,
    name: `keep the ${what.replace('-', ' ')}`,
    if: '${{ !cancelled() }}',
    uses: UPLOAD_ARTIFACT,
    with: { 'name': `${what}-\${{ matrix.python }}`, 'path': path, 'if-no-files-found': 'error' },
  };
}

project.synth();
