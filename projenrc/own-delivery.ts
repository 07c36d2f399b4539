import { cdk, Project } from 'projen';
import { Alert, Delivery, Duration, HealthCheck, Target, Trigger, Workflow } from '../src';
import { pinned } from '../src/ci/github/pins';

/**
 * Releases this package as its users release theirs: the release workflow publishes a version under `next`, the delivery installs it into an empty
 * project, synthesizes the readme's delivery with it, and only then moves `latest`.
 */
export function addOwnDelivery(project: cdk.JsiiProject): void {
  new Delivery(project, {
    workflow: Workflow.ofRelease(),
    target: Target.npm({
      smoke: '"$GITHUB_WORKSPACE/.ci/release-smoke"',
      publish: false,
      deprecation: 'It was rolled back. Install the version that is latest.',
    }),
    // npm is all that the jobs use of the project's toolchain: a rollback waits for no installation
    toolchainSteps: [{ name: 'Set up Node.js', uses: pinned('actions/setup-node'), with: { 'node-version': '22', 'package-manager-cache': false } }],
    environments: [{
      name: 'npm',
      trigger: Trigger.release(),
      url: `https://registry.npmjs.org/${project.package.packageName}/latest`,
    }],
    monitoring: { interval: Duration.hours(1) },
    alerts: [Alert.githubIssue()],
  });
}

/**
 * Publishes the documentation site on each push to main: the pages are built once, the delivery publishes them, and verifies that users get
 * them. It is a project of its own, because a delivery has one artifact.
 */
export function addOwnSite(root: cdk.JsiiProject): void {
  const site = new Project({
    parent: root,
    name: 'docs',
    outdir: 'site',
    gitIgnoreOptions: { ignorePatterns: ['node_modules', 'pages', 'dist', '.vitepress/cache'] },
  });
  const build = site.addTask('site', { description: 'Builds the documentation site into dist' });
  // the pages of each release come from its tag, and a checkout in CI has none; with a depth, a whole clone would become a shallow one
  build.exec('if [ "$(git rev-parse --is-shallow-repository)" = true ]; then depth=--depth=1; fi; git fetch --quiet ${depth:-} origin "refs/tags/v*:refs/tags/v*"');
  build.exec('npm ci --no-audit --no-fund');
  build.exec('npm run build');
  new Delivery(site, {
    target: Target.githubPages({ directory: 'dist', buildTask: build }),
    toolchainSteps: [{ name: 'Set up Node.js', uses: pinned('actions/setup-node'), with: { 'node-version': '22', 'package-manager-cache': false } }],
    environments: [{
      name: 'docs',
      trigger: Trigger.branch('main'),
      url: 'https://projen-delivery.github.io/projen-delivery/',
      // each page, the pictures, the search: what the file of the release alone does not show. A cache may have an old page for 10 minutes
      healthChecks: [HealthCheck.command('node smoke.mjs "$DELIVERY_URL"', {
        name: 'what readers need', interval: Duration.seconds(20), timeout: Duration.minutes(1), successThreshold: 2, failureThreshold: 2, deadline: Duration.minutes(13),
      })],
    }],
    monitoring: { interval: Duration.hours(1) },
    alerts: [Alert.githubIssue()],
  });
}
