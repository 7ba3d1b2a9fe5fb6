import { Injectable } from '@nestjs/common';
import { DiscoveryService, MetadataScanner, Reflector } from '@nestjs/core';

type Method = (this: unknown, ...args: unknown[]) => unknown;

/** A decorator created by `DiscoveryService.createDecorator`. */
export type ListenerDecorator = ReturnType<typeof DiscoveryService.createDecorator<undefined>>;

/**
 * Finds the methods of providers that are marked with a decorator such as `@OnAccountRemoved()`. The feature that
 * announces an event knows none of its listeners; Nest's `DiscoveryService` finds them.
 */
@Injectable()
export class EventListeners {
  private readonly found = new Map<string, unknown[]>();

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    private readonly reflector: Reflector,
  ) {}

  /**
   * The marked methods, bound to their providers, in the order of the modules. Call it after the application is
   * initialised: the result is cached.
   */
  of<Listener>(decorator: ListenerDecorator): Listener[] {
    let listeners = this.found.get(decorator.KEY);
    if (!listeners) this.found.set(decorator.KEY, (listeners = this.find(decorator)));
    return listeners as Listener[];
  }

  private find(decorator: ListenerDecorator): unknown[] {
    return this.discovery.getProviders().flatMap(({ instance, metatype, isAlias }) => {
      const provider: unknown = instance;
      // A provider under a second token (useExisting) would be found and called twice.
      if (isAlias || typeof provider !== 'object' || !provider || typeof metatype !== 'function') return [];
      return this.scanner
        .getAllMethodNames(Object.getPrototypeOf(provider) as object)
        .map((name): unknown => Reflect.get(provider, name))
        .filter((method): method is Method => this.isMarked(decorator, method))
        .map((method) => method.bind(provider) as unknown);
    });
  }

  private isMarked(decorator: ListenerDecorator, method: unknown): boolean {
    return typeof method === 'function' && this.reflector.get(decorator.KEY, method) !== undefined;
  }
}
