import 'reflect-metadata';
import { registerDecorator } from 'class-validator';

const NUMBERS = Symbol('numbers of a query string');

/** A whole number from `min` to `max` in a query string. */
export function IsQueryInteger(min: number, max: number): PropertyDecorator {
  return (target, property) => {
    const before = (Reflect.getMetadata(NUMBERS, target.constructor) ?? []) as string[];
    Reflect.defineMetadata(NUMBERS, [...before, property as string], target.constructor);
    registerDecorator({
      name: 'isQueryInteger',
      target: target.constructor,
      propertyName: property as string,
      validator: {
        validate: (value: unknown) =>
          Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max,
        defaultMessage: () => `must be a whole number from ${min} to ${max}`,
      },
    });
  };
}

/** The names of a query class's numbers, inherited ones too. */
export function queryNumbers(target: object): readonly string[] {
  return (Reflect.getMetadata(NUMBERS, target) ?? []) as string[];
}
