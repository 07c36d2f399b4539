import { awscdk, cdk8s, Project } from 'projen';
import { TOOL_VERSIONS } from './tool-versions';
import { Toolchain } from './toolchain';

/** Programs that projen's tasks of a project call, and that its language's package manager does not have. */
export function commandLineTools(project: Project): Toolchain[] {
  if (project instanceof awscdk.AwsCdkPythonApp || project instanceof awscdk.AwsCdkJavaApp) return [cdk(project.cdkDeps)];
  if (project instanceof cdk8s.Cdk8sPythonApp) return [{ steps: [install('cdk8s-cli', TOOL_VERSIONS['cdk8s-cli'])], warnings: [] }];
  return [];
}

/** A CDK library needs a CLI at least as new as itself. */
function cdk({ cdkCliVersion }: awscdk.AwsCdkDeps): Toolchain {
  const isExact = /^\d+\.\d+\.\d+$/.test(cdkCliVersion);
  return {
    steps: [install('aws-cdk', isExact ? cdkCliVersion : TOOL_VERSIONS['aws-cdk'])],
    warnings: isExact ? [] : [
      `the CDK CLI is set up as ${TOOL_VERSIONS['aws-cdk']}, which aws-cdk-lib may outgrow. Say cdkCliVersion: '${TOOL_VERSIONS['aws-cdk']}', or a newer one`,
    ],
  };
}

function install(name: string, version: string) {
  return { name: `install ${name}`, run: `npm install --global --ignore-scripts ${name}@${version}` };
}
