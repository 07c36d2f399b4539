import { MAVEN_CENTRAL } from '../manifest';

/** The same one every time. It needs Maven 3.6.3. */
const PLUGIN = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1';
/** Resolves everything that is needed to compile and run, and writes down where it is. */
export const CLASSPATH_GOAL = `${PLUGIN}:build-classpath`;

export interface ConsumedPackage {
  readonly groupId: string;
  readonly artifactId: string;
  readonly version: string;
  /** The repository, with a slash at its end. */
  readonly index: string;
}

/** A project with one dependency. Another repository than Maven Central serves its dependencies, too, and first the plugin that resolves them. */
export function consumerPom({ artifactId, groupId, index, version }: ConsumedPackage): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>invalid.consumer</groupId>
  <artifactId>consumer</artifactId>
  <version>1</version>
  <properties>
    <project.build.sourceEncoding>UTF-8</project.build.sourceEncoding>
  </properties>
  <dependencies>
    <dependency>
      <groupId>${xml(groupId)}</groupId>
      <artifactId>${xml(artifactId)}</artifactId>
      <version>${xml(version)}</version>
    </dependency>
  </dependencies>
${index === MAVEN_CENTRAL ? '' : repositories(index)}</project>
`;
}

function repositories(index: string): string {
  const url = xml(index.replace(/\/$/, ''));
  return `  <repositories>
    <repository><id>packages</id><url>${url}</url></repository>
    <repository><id>central</id><url>${xml(MAVEN_CENTRAL)}</url><releases><enabled>false</enabled></releases><snapshots><enabled>false</enabled></snapshots></repository>
  </repositories>
  <pluginRepositories>
    <pluginRepository><id>packages</id><url>${url}</url></pluginRepository>
  </pluginRepositories>
`;
}

/** In place of the user's and the machine's: no mirrors and no passwords. As in Maven's own, nothing is read in plain text from another machine. */
export const SETTINGS = `<?xml version="1.0" encoding="UTF-8"?>
<settings xmlns="http://maven.apache.org/SETTINGS/1.0.0">
  <mirrors>
    <mirror><id>no-plain-http</id><mirrorOf>external:http:*</mirrorOf><url>http://0.0.0.0/</url><blocked>true</blocked></mirror>
  </mirrors>
</settings>
`;

function xml(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}
