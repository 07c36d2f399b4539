/** Versions of Maven in the order of its ComparableVersion (maven-artifact 3.8.7), and files of a package by their checksums. */
import { CLASSPATH_GOAL, consumerPom } from '../../../src/engines/package-registry/runtime/consumer-pom';
import { compareMavenVersions, isMavenPrerelease, mavenVersion } from '../../../src/engines/package-registry/runtime/maven-version';
import { installedOther, publicationStep } from '../../../src/engines/package-registry/runtime/publication-steps';

/** Each is lower than those in the next row, and the same as the others in its own. */
const ORDER = [
  ['1.0-alpha'], ['1.0-alpha-1', '1.0a1'], ['1.0-a2'], ['1.0-alpha.1'], ['1.0-beta', '1.0-beta.0'], ['1.0-b3'], ['1.0-m1'], ['1.0-milestone-2'], ['1.0-rc'],
  ['1.0-rc1', '1.0-cr1'], ['1.0rc2'], ['1.0-rc.1'], ['1.0-SNAPSHOT'], ['1', '1.0', '1.0.0', '1.0.Final', '1.0.GA', '1.0.RELEASE', '1.0.0-0'], ['1.0-sp'], ['1.0-android'], ['1.0-foo'],
  ['1.0-jre'], ['1-1', '1.0.0-1'], ['1.0-1.1'], ['1.0.1'], ['1.0.1-1'], ['1.1'], ['1.2.3-beta.1'], ['1.2.3-beta.10'], ['1.2.3-rc.0'], ['1.2.3'], ['1.9.0'], ['1.10.0'], ['2.0.0-beta.0'], ['20231013'],
];

it('versions are ordered as Maven orders them', () => {
  const rank = ORDER.flatMap((row, i) => row.map((version) => [version, i] as const));
  const wrong = rank.flatMap(([one, a]) => rank.filter(([other, b]) => Math.sign(compareMavenVersions(one, other)) !== Math.sign(a - b)).map(([other]) => `${one} ${other}`));
  expect(wrong).toEqual([]);
});

it('prereleases are known by their qualifiers', () => {
  expect(['1.0-alpha', '1.0a1', '1.0-M1', '5.0.0.RC1', '1.0-cr2', '1.2.3-beta.0', '1.0-SNAPSHOT', '1.0.0-pre.1'].map(isMavenPrerelease)).not.toContain(false);
  expect(['1.0', '1.0.Final', '31.1-jre', '31.1-android', '1.0-1', '1.0-sp1', '1.0-b'].map(isMavenPrerelease)).not.toContain(true);
});

it.each([['1.2.3', '1.2.3'], ['1.2.3-beta.0', '1.2.3-beta.0'], ['31.1-jre', '31.1-jre'], ['1.2.3-SNAPSHOT', undefined], ['main', undefined], ['1.2/3', undefined]])('%s is the version %s', (name, expected) => {
  expect(mavenVersion(name)).toBe(expected);
});

describe('a repository that has only sha1', () => {
  const [ours, other] = ['a'.repeat(40), 'b'.repeat(40)];
  const published = (sha1: string) => ({ version: '1.0', files: [{ name: 'shop-1.0.jar', sha1 }] });
  const built = [{ name: 'shop-1.0.jar', sha256: 'c'.repeat(64), sha1: ours }];

  it('is compared by it', () => {
    expect(publicationStep({ spec: 'shop 1.0', published: published(ours), built })).toEqual({ step: 'done' });
    expect(publicationStep({ spec: 'shop 1.0', published: published(other), built })).toEqual({
      step: 'fail', why: 'shop 1.0 is in the registry with another shop-1.0.jar: its sha1 is bbbbbbbbbbbb..., and that of the release is aaaaaaaaaaaa...',
    });
  });

  it('is compared with the installation by it', () => {
    expect(installedOther('shop 1.0', built[0]!, published(ours))).toBeUndefined();
    expect(installedOther('shop 1.0', built[0]!, published(other))).toContain('its sha1 is aaaaaaaaaaaa...');
  });
});

it('the project depends on the version, and another repository than Maven Central replaces it', () => {
  const spec = { groupId: 'com.acme', artifactId: 'shop', version: '1.0' };
  const central = consumerPom({ ...spec, index: 'https://repo1.maven.org/maven2/' });
  expect(central).toMatch(/<groupId>com.acme<\/groupId>\s*<artifactId>shop<\/artifactId>\s*<version>1.0<\/version>/);
  expect(central).not.toContain('epositories');
  const own = consumerPom({ ...spec, index: 'https://packages.example.com/a&b/' });
  expect(own).toContain('<repository><id>packages</id><url>https://packages.example.com/a&amp;b</url></repository>');
  expect(own).toMatch(/<repository><id>central<\/id>.*<releases><enabled>false<\/enabled><\/releases>/);
  expect(CLASSPATH_GOAL).toMatch(/:\d+\.\d+\.\d+:/);
});
