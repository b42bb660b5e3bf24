// What a press does: once at a time, and whoever has gone on elsewhere meanwhile stays there.

// `act` returns the address of the page that follows, if one does.
export function pressed(app, act) {
  let isUnderWay = false;
  return async (event) => {
    event.preventDefault();
    if (isUnderWay) {
      return;
    }
    isUnderWay = true;
    const here = location.hash;
    try {
      const next = await act(event);
      if (next !== undefined && location.hash === here) {
        app.go(next);
      }
    } finally {
      isUnderWay = false;
    }
  };
}
