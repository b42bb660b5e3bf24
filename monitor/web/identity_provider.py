"""What the sign-in needs of an identity provider."""

from typing import Protocol

from monitor.accounts import AuthorizationRequest, Identity


class IdentityProvider(Protocol):
    """A server elsewhere that vouches for people."""

    async def address(self, request: AuthorizationRequest) -> str:
        """Return where the browser signs in.

        Raises:
            IdentityProviderUnavailable: nobody can sign in there now.

        """
        ...

    async def identity(self, code: str, request: AuthorizationRequest) -> Identity:
        """Return for whom the provider vouches, against the code with which the browser came back.

        Raises:
            IdentityProviderUnavailable: it can't be asked now.
            IdentityRefused: it vouches for nobody, or what it says can't be believed.

        """
        ...
