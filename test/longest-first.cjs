// The order of suites. jest begins with those that took longest the last time; a clone that has run nothing yet knows nothing of that, and would
// begin a long suite last, when the other workers have nothing left to do. So the longest ones are named here, longest first.
'use strict';
const { default: Sequencer } = require('@jest/test-sequencer');

const LONGEST = [
  // of .ci/run
  'tools/model-checker/crashes-first-order.ci.ts',
  'tools/model-checker/interleavings.ci.ts',
  'tools/model-checker/crashes-lambda.ci.ts',
  'engines/aws-cdk/aws-cdk-review.ci.ts',
  'engines/aws-cdk/aws-cdk-review-faults.ci.ts',
  'combinations/combinations.ci.ts',
  'security/synthesis.ci.ts',
  'ci/github/invariants/weakenings.ci.ts',
  'tools/model-checker/outcome-mutants.ci.ts',
  'tools/model-checker/proof-mutants.ci.ts',
  'tools/model-checker/crashes-alarms.ci.ts',
  'tools/model-checker/previews.ci.ts',
  'engines/aws-cdk/aws-cdk-review-crashes.ci.ts',
  'engines/aws-cdk/aws-cdk-faults.ci.ts',
  'engines/servers/server-slots.ci.ts',
  'engines/kubernetes/kubernetes-faults.ci.ts',
  'engines/kubernetes/kubernetes-slots.ci.ts',
  'engines/kubernetes/kubernetes-slots-faults.ci.ts',
  'engines/aws-cdk/aws-cdk-crashes.ci.ts',
  'engines/ecs/ecs.ci.ts',
  'tools/model-checker/crashes-static-site.ci.ts',
  'tools/model-checker/crashes-github-pages.ci.ts',
  'tools/model-checker/crashes-git-ops.ci.ts',
  'engines/ecs/ecs-blue-green-faults.ci.ts',
  'engines/lambda/lambda-faults.ci.ts',
  'engines/static-site/static-site-cases.ci.ts',
  'tools/model-checker/crashes-server-slots.ci.ts',
  'engines/aws-cdk/aws-cdk-fast-path.ci.ts',
  'conformance/conformance.ci.ts',
  'runtime/deployment/adopt-beside-deploy.ci.ts',
  'engines/ecs/ecs-blue-green.ci.ts',
  'engines/ecs/ecs-canary.ci.ts',
  'runtime/deployment/rollout-by-hand.ci.ts',
  'engines/kubernetes/argo-rollouts.ci.ts',
  'engines/kubernetes/kubernetes.ci.ts',
  'tools/model-checker/crashes-ecs.ci.ts',
  'tools/model-checker/crashes-argo-rollouts.ci.ts',
  'tools/model-checker/crashes-kubernetes.ci.ts',
  'tools/model-checker/crashes-kubernetes-slots.ci.ts',
  'tools/model-checker/crashes-outputs.ci.ts',
  'e2e/aws-cdk-review.ci.ts',
  'e2e/by-hand.ci.ts',
  'e2e/rehearsal.ci.ts',
  'e2e/rehearsal-own.ci.ts',
  'runtime/status-page/publish.ci.ts',
  'runtime/behind-a-proxy.ci.ts',
  'engines/aws-cdk/aws-cdk-fast-path-crashes.ci.ts',
  'engines/lambda/lambda-live-release.ci.ts',
  'engines/lambda/lambda.ci.ts',
  'engines/npm/npm-faults.ci.ts',
  'runtime/images/image-and-files.ci.ts',
  'engines/package-registry/pypi.ci.ts',
  'engines/package-registry/maven.ci.ts',
  'engines/package-registry/go.ci.ts',
  'tools/model-checker/crashes-npm.ci.ts',
  'engines/servers/servers.ci.ts',
  'engines/servers/servers-faults.ci.ts',
  'engines/servers/server-containers.ci.ts',
  'tools/model-checker/crashes-server-containers.ci.ts',
  'tools/model-checker/crashes-servers.ci.ts',
  'runtime/commands/laptop-words.ci.ts',
  'tools/model-checker/crashes-analysis.ci.ts',
  'runtime/deployment/canary-analysis.ci.ts',
  'project-types/project-types.ci.ts',
  'runtime/deployment/rollout-redeploy.ci.ts',
  'runtime/deployment/rollout-canary.ci.ts',
  'runtime/monitoring/watch.ci.ts',
  'runtime/deployment/missing-programs.ci.ts',
  // of npm test
  'runtime/deployment/rollout-blue-green.test.ts',
  'tools/model-checker/crashes.test.ts',
];

class LongestFirst extends Sequencer {
  sort(tests) {
    const rank = ({ path }) => LONGEST.findIndex((name) => path.endsWith(`/test/${name}`));
    const named = tests.filter((test) => rank(test) >= 0).sort((a, b) => rank(a) - rank(b));
    const others = super.sort(tests.filter((test) => rank(test) < 0));
    return [...named, ...others];
  }
}

module.exports = LongestFirst;
module.exports.LONGEST = LONGEST;
