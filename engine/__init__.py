"""How GraphQL operations run. Knows GraphQL only, and would work for any Strawberry schema."""
