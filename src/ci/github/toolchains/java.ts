import { DependencyType, java } from 'projen';
import { pinned } from '../pins';
import { runIn, TOOL_VERSIONS, Toolchain } from './toolchain';

const COMPILER = 'org.apache.maven.plugins/maven-compiler-plugin';
const DEPENDENCIES = `org.apache.maven.plugins:maven-dependency-plugin:${TOOL_VERSIONS['maven-dependency-plugin']}`;

/** Sets up the JDK that the pom compiles for, and the dependencies that Maven would otherwise fetch during a task. */
export function javaToolchain(project: java.JavaProject, directory: string): Toolchain {
  return {
    steps: [
      { name: 'set up Java', uses: pinned('actions/setup-java'), with: { 'distribution': 'temurin', 'java-version': version(project) } },
      { name: 'fetch the dependencies', run: `mvn --batch-mode --no-transfer-progress ${DEPENDENCIES}:go-offline`, ...runIn(directory) },
    ],
    warnings: [],
  };
}

/** Java 8 is also written 1.8. A property is not resolved: the default version applies. */
function version(project: java.JavaProject): string {
  const compiler = project.deps.all.filter(({ name, type }) => name === COMPILER && type === DependencyType.BUILD).at(-1);
  const { release, target } = (compiler?.metadata?.configuration ?? {}) as Record<string, unknown>;
  const said = String(release ?? target).replace(/^1\./, '');
  return /^\d+$/.test(said) ? said : TOOL_VERSIONS.java;
}
