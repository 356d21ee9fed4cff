import { useSearchParams } from "wouter";

/** Parameters of the address, so that a list can be linked to and is found again by the Back button, and how one is set. */
export function useAddressFilter<Name extends string>() {
  const [parameters, setParameters] = useSearchParams();

  /** "": removes the filter. */
  function choose(name: Name, value: string) {
    setParameters(
      (current) => {
        const next = new URLSearchParams(current);
        if (value) next.set(name, value);
        else next.delete(name);
        return next;
      },
      { replace: true },
    );
  }

  return { parameters, choose };
}

/** The value if it is one of the options: anybody can change an address. */
export const oneOf = <Option extends string>(options: readonly Option[], value: string | null): Option | undefined =>
  options.find((option) => option === value);
