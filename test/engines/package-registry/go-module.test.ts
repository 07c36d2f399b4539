/** Which names are versions of a module of Go, in which order, and which ones its author retracted. */
import { compareGoVersions, escaped, goVersion, isGoPrerelease, isPseudo, otherMajor, retracted, retractionsIn } from '../../../src/engines/package-registry/runtime/go-module';
import { publicationStep } from '../../../src/engines/package-registry/runtime/publication-steps';

const SHOP = 'github.com/acme/shop';
const PSEUDO = 'v0.0.0-20260102030405-0123456789ab';

it.each([
  [SHOP, 'v1.2.3', 'v1.2.3'], [SHOP, '1.2.3', 'v1.2.3'], [SHOP, 'v0.1.0-beta.0', 'v0.1.0-beta.0'], [SHOP, PSEUDO, PSEUDO], [SHOP, 'v3.0.0+incompatible', 'v3.0.0+incompatible'],
  [SHOP, 'v2.0.0', undefined], [`${SHOP}/v2`, 'v2.0.0', 'v2.0.0'], [`${SHOP}/v2`, 'v1.0.0', undefined], [`${SHOP}/v2`, 'v3.0.0', undefined], [`${SHOP}/v2`, 'v2.0.0+incompatible', undefined],
  ['gopkg.in/shop.v2', 'v2.1.0', 'v2.1.0'], ['gopkg.in/shop.v1', 'v1.1.0', 'v1.1.0'], ['gopkg.in/shop.v2', 'v1.1.0', undefined],
  // the tag of a module that lies in a folder of its repository
  [`${SHOP}/go/cart`, 'go/cart/v1.2.3', 'v1.2.3'], [`${SHOP}/cart/v2`, 'cart/v2.0.0', 'v2.0.0'], [`${SHOP}/cart/v2`, 'cart/v2/v2.0.0', 'v2.0.0'], [SHOP, 'cart/v1.2.3', undefined],
  [SHOP, 'v1.2', undefined], [SHOP, 'v01.2.3', undefined], [SHOP, 'v1.2.3+build', undefined], [SHOP, '3f2a91c', undefined], [SHOP, '1234567', undefined], [SHOP, 'latest', undefined],
])('of %s, %s is the version %s', (module, name, expected) => expect(goVersion(module, name)).toBe(expected));

it.each([
  [SHOP, 'v2.0.0', 'v2.0.0 is of the module github.com/acme/shop/v2: name it in Registry.go, and in go.mod'], [`${SHOP}/v2`, 'v1.4.0', 'v1.4.0 is of the module github.com/acme/shop: name it'],
  ['gopkg.in/shop.v2', 'v3.0.0', 'v3.0.0 is of the module gopkg.in/shop.v3'],
])('of %s, %s has another major version', (module, name, expected) => expect(otherMajor(module, name)).toContain(expected));

it('other names have no other major version', () => {
  expect([otherMajor(SHOP, 'v1.2.3'), otherMajor(SHOP, '3f2a91c'), otherMajor(SHOP, 'cart/v2.0.0')]).toEqual([undefined, undefined, undefined]);
});

it('versions are ordered as go orders them', () => {
  const ordered = [PSEUDO, 'v0.9.0', 'v1.0.0-alpha', 'v1.0.0-beta.2', 'v1.0.0-beta.10', 'v1.0.0-rc.1', 'v1.0.0', 'v1.0.1', 'v1.9.0', 'v1.10.0', 'v2.0.0+incompatible'];
  expect([...ordered].reverse().sort(compareGoVersions)).toEqual(ordered);
  expect(ordered.filter(isGoPrerelease)).toEqual([PSEUDO, 'v1.0.0-alpha', 'v1.0.0-beta.2', 'v1.0.0-beta.10', 'v1.0.0-rc.1']);
  expect([...ordered, 'v1.2.4-0.20260102030405-0123456789ab'].filter(isPseudo)).toEqual([PSEUDO, 'v1.2.4-0.20260102030405-0123456789ab']);
});

it('upper-case letters are escaped in a path', () => expect(escaped('github.com/Azure/go-SDK')).toBe('github.com/!azure/go-!s!d!k'));

it('retractions are read from go.mod, with their reasons', () => {
  const goMod = `module ${SHOP}

go 1.21

require (
\texample.com/retract v1.0.0 // indirect
)

// it deletes files
retract v1.1.0
retract [v1.3.0, v1.5.0] // breaks builds

// published by mistake
retract (
\tv1.7.0
\t[v1.8.0, v1.8.5] // loses data
)
retract "v1.9.0"
`;
  const retractions = retractionsIn(goMod);
  const of = (...versions: string[]) => versions.map((version) => retracted(version, retractions));
  expect(of('v1.1.0', 'v1.3.0', 'v1.4.7', 'v1.5.0', 'v1.7.0', 'v1.8.3', 'v1.9.0')).toEqual(['it deletes files', 'breaks builds', 'breaks builds', 'breaks builds', 'published by mistake', 'loses data', '']);
  expect(of('v1.0.0', 'v1.2.0', 'v1.6.0', 'v1.8.6')).toEqual([undefined, undefined, undefined, undefined]);
});

it('a version of another commit than the release fails; one whose commit is not known does not', () => {
  const [ours, other] = ['a'.repeat(40), 'b'.repeat(40)];
  const step = (commit?: string) => publicationStep({ spec: 'shop v1.0.0', built: undefined, sha: ours, published: { version: 'v1.0.0', files: [{ name: 'v1.0.0.zip' }], commit } });
  expect([step(ours).step, step().step]).toEqual(['done', 'done']);
  expect(step(other)).toEqual({
    step: 'fail', why: 'shop v1.0.0 is in the registry with the commit bbbbbbbbbbbb..., and the release is the commit aaaaaaaaaaaa...: the registry keeps what it got first, even if the tag moves',
  });
});
