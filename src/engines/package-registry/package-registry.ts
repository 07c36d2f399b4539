import { Project } from 'projen';
import { BoundRegistry } from './bound-registry';
import { goModule, GoModuleOptions } from './go-module';
import { mavenPackage, MavenOptions } from './maven-package';
import { pypiPackage, PypiOptions } from './pypi-package';

/**
 * A registry of packages in which a version, once published, stays as it is, and which has no pointer that could be moved back.
 */
export class Registry {
  /**
   * A package of PyPI, or of another index of Python's packages.
   *
   * @param options the package and the index
   */
  public static pypi(options: PypiOptions = {}): Registry {
    return new Registry(pypiPackage(options));
  }

  /**
   * A module of Go on proxy.golang.org, or on another module proxy.
   *
   * @param options the module and the proxy
   */
  public static go(options: GoModuleOptions): Registry {
    return new Registry(goModule(options));
  }

  /**
   * A package of Maven Central, or of another Maven repository.
   *
   * @param options the package and the repository
   */
  public static maven(options: MavenOptions = {}): Registry {
    return new Registry(mavenPackage(options));
  }

  /** @internal */
  public readonly _bind: (project: Project) => BoundRegistry;

  private constructor(bind: (project: Project) => BoundRegistry) {
    this._bind = bind;
  }
}
