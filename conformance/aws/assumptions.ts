import { Assumption } from '../assumptions';

const LAMBDA = 'https://docs.aws.amazon.com/lambda/latest';
const CLOUDFORMATION = 'https://docs.aws.amazon.com/AWSCloudFormation/latest';

/** Behaviours of AWS that the targets of AWS depend on. They are measured only where a person asks for it, in an account of theirs. */
export const AWS_ASSUMPTIONS = [
  {
    id: 'aws-subject-names-environment',
    text: 'The token of a job names the repository and the GitHub environment, as `delivery trust` prints it.',
    sources: ['https://docs.github.com/en/actions/reference/security/oidc'],
    usedBy: ['src/runtime/ci/github/dispatch/origin.ts', 'src/runtime/commands/trust.ts'],
    ifWrong: 'The step `aws-login` fails before anything is changed. The measured value is the subject that the trust policy must list.',
  },
  {
    id: 'lambda-stale-revision-rejected',
    text: '`update-alias` with a revision id that is not the newest one fails with PreconditionFailedException and changes nothing.',
    sources: [`${LAMBDA}/api/API_UpdateAlias.html`],
    usedBy: ['src/engines/lambda/runtime/lambda-steps.ts'],
    ifWrong: 'Two deployments that move the alias at the same moment may overwrite each other. The lease prevents two deployments by this package; changes by other people are found by the health checks and the watch.',
  },
  {
    id: 'lambda-unchanged-not-published',
    text: '`publish-version` publishes nothing if code and configuration are those of the newest version, and returns that version.',
    sources: [`${LAMBDA}/api/API_PublishVersion.html`],
    usedBy: ['src/engines/lambda/runtime/lambda-steps.ts'],
    ifWrong: 'An interrupted deployment that is continued publishes a second version of the same release. Both have the same code.',
  },
  {
    id: 'lambda-description-publishes',
    text: 'After a change of the description of the function, `publish-version` publishes a new version of the same code.',
    sources: [`${LAMBDA}/dg/configuration-versions.html`],
    usedBy: ['src/engines/lambda/runtime/lambda-steps.ts'],
    ifWrong: 'A release with the same code as the release before it gets no version of its own. The deployment fails before the alias moves.',
  },
  {
    id: 'lambda-other-code-not-published',
    text: '`publish-version` with the SHA-256 of other code fails and publishes nothing.',
    sources: [`${LAMBDA}/api/API_PublishVersion.html`],
    usedBy: ['src/engines/lambda/runtime/lambda-steps.ts'],
    ifWrong: 'If someone else uploads code during a deployment, that code may be published under the name of this release. A health check with a release identity finds it.',
  },
  {
    id: 'lambda-version-unchanged',
    text: 'A published version keeps its code after newer code was uploaded and published.',
    sources: [`${LAMBDA}/dg/configuration-versions.html`],
    usedBy: ['src/engines/lambda/runtime/lambda-driver.ts'],
    ifWrong: 'A rollback may not restore Stable. It is verified: the health checks fail, the environment is halted, and an alert fires.',
  },
  {
    id: 'lambda-alias-moves-at-once',
    text: 'New invocations of the alias reach the new version within 15 seconds after `update-alias`, and no later one reaches the old version.',
    sources: [],
    usedBy: ['src/engines/lambda/runtime/lambda-driver.ts'],
    ifWrong: 'The health checks see the old release for longer. Up to the option `propagation` (60 seconds by default) they wait for the new one.',
  },
  {
    id: 'cloudformation-template-kept',
    text: '`get-template` returns the template that was deployed.',
    sources: [`${CLOUDFORMATION}/APIReference/API_GetTemplate.html`],
    usedBy: ['src/engines/aws-cdk'],
    ifWrong: 'An unchanged stack is reported as changed by hand.',
  },
  {
    id: 'cloudformation-failed-update-restores',
    text: 'An update that fails ends in UPDATE_ROLLBACK_COMPLETE, and the stack has its old template again.',
    sources: [`${CLOUDFORMATION}/UserGuide/stack-failure-options.html`],
    usedBy: ['src/engines/aws-cdk'],
    ifWrong: 'The rollback deploys the assembly of Stable over what is left. If that fails, the environment is halted.',
  },
] as const satisfies readonly Assumption[];

export type AwsAssumptionId = typeof AWS_ASSUMPTIONS[number]['id'];
