import { RequestMethod, type Type } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants';
import { MetadataScanner, ModulesContainer, Reflector } from '@nestjs/core';
import { ACCESS, type Access } from '../../src/platform/access/access.decorators';
import type { TestApp } from './app';

/** One method of a controller that answers a route. */
export interface Handler {
  /** `GraphsController.list` */
  name: string;
  method: string;
  /** The controller's and the handler's own path, without the service's prefix: `graphs/:id`. */
  path: string;
  /** What it declared with `@Allow` or `@Public`; undefined when it forgot. */
  access: Access | undefined;
}

/** All handlers of all controllers of the running service. */
export function handlersOf(app: TestApp): Handler[] {
  const modules = [...app.service.app.get(ModulesContainer).values()];
  const controllers = modules.flatMap((module) => [...module.controllers.values()]);
  const reflector = app.service.app.get(Reflector);
  return controllers.flatMap(({ metatype }) =>
    metatype ? handlersIn(metatype as Type<object>, reflector) : [],
  );
}

function handlersIn(controller: Type<object>, reflector: Reflector): Handler[] {
  const prototype = controller.prototype as Record<string, () => unknown>;
  return new MetadataScanner().getAllMethodNames(prototype).flatMap((name) => {
    const handler = prototype[name];
    if (!handler || !Reflect.hasMetadata(METHOD_METADATA, handler)) return [];
    const method = RequestMethod[Reflect.getMetadata(METHOD_METADATA, handler) as RequestMethod];
    const access = reflector.getAllAndOverride<Access | undefined>(ACCESS, [handler, controller]);
    const paths = [controller, handler].map((part) => Reflect.getMetadata(PATH_METADATA, part) as string);
    const path = paths
      .map((part) => part.replace(/^\/|\/$/g, ''))
      .filter((part) => part !== '')
      .join('/');
    return [{ name: `${controller.name}.${name}`, method, path, access }];
  });
}

/** All routes that the server itself knows, as `GET /api/v1/graphs/:id`, however they were registered; without HEAD. */
export function routesOf(app: TestApp): string[] {
  const server = app.service.app.getHttpAdapter().getInstance();
  const above: string[] = [];
  return server
    .printRoutes({ commonPrefix: false })
    .split('\n')
    .flatMap((line) => {
      const found = /^((?:[│ ] {3})*)[├└]── (\S+) \(([A-Z, ]+)\)$/.exec(line);
      if (!found) return [];
      const [, indent = '', part = '', methods = ''] = found;
      const depth = indent.length / 4;
      above.splice(depth, above.length, part);
      return methods
        .split(', ')
        .filter((method) => method !== 'HEAD')
        .map((method) => `${method} ${above.join('')}`);
    });
}
