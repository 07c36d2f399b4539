import { Action } from './action';
import { checkout } from './checkout';
import { configureAwsCredentials } from './configure-aws-credentials';
import { downloadArtifact } from './download-artifact';
import { setUp } from './set-up';
import { setUpPython } from './set-up-python';
import { uploadArtifact } from './upload-artifact';

/** What `uses` may name; which version or commit of it does not matter here. `run` steps are never replaced. */
const ACTIONS: Record<string, Action> = {
  'actions/checkout': checkout,
  'actions/upload-artifact': uploadArtifact,
  'actions/download-artifact': downloadArtifact,
  'aws-actions/configure-aws-credentials': configureAwsCredentials,
  'actions/setup-node': setUp('node', 'node-version', [
    'node-version', 'node-version-file', 'check-latest', 'registry-url', 'scope', 'token', 'cache', 'cache-dependency-path', 'package-manager-cache',
  ]),
  'actions/setup-python': setUpPython,
  'actions/setup-java': setUp('java', 'version', ['java-version', 'distribution', 'java-package', 'cache', 'cache-dependency-path', 'check-latest']),
};

/** Undefined for an action that has no local equivalent. */
export function actionFor(uses: string): Action | undefined {
  return ACTIONS[uses.split('@')[0]];
}
