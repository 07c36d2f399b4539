import { cdk } from 'projen';
import { Alert, Delivery, Duration, Target, Trigger, Workflow } from '../src';
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
    toolchainSteps: [{ name: 'Set up Node.js', uses: pinned('actions/setup-node'), with: { 'node-version': '20', 'package-manager-cache': false } }],
    environments: [{
      name: 'npm',
      trigger: Trigger.release(),
      url: `https://registry.npmjs.org/${project.package.packageName}/latest`,
    }],
    monitoring: { interval: Duration.hours(1) },
    alerts: [Alert.githubIssue()],
  });
}
