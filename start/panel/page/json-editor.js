// The JSON editor of the panel: a text area that answers to the little of the Monaco editor's interface that the page uses. The page
// would otherwise load Monaco from the internet; it does not when `window.monaco` is there already.
(() => {
  const nothing = { dispose() {} };

  function createModel(text) {
    return { text, getFullModelRange: () => ({}), dispose() {} };
  }

  function create(container, { model }) {
    const area = document.createElement('textarea');
    area.spellcheck = false;
    area.setAttribute('aria-label', 'Input as JSON');
    area.style.cssText =
      'width:100%;height:100%;min-height:12rem;padding:.75rem;border:1px solid #d1d5db;border-radius:.375rem;background:#fff;font:13px/1.5 ui-monospace,monospace;resize:vertical';
    container.append(area);

    const setText = (text) => {
      // Half-typed JSON is kept as it is, and what the page makes of the last whole one does not replace it.
      if (document.activeElement !== area) area.value = text;
    };
    let listener = () => {};
    area.addEventListener('input', () => {
      const whole = isJson(area.value);
      area.style.borderColor = whole ? '#d1d5db' : '#b3261e';
      if (whole) listener();
    });
    setText(model.text);

    return {
      getModel: () => model,
      getOption: () => false,
      getValue: () => area.value,
      setValue: setText,
      executeEdits: (_source, edits) => setText(edits[0].text),
      onDidChangeModelContent(next) {
        listener = next;
        return { dispose: () => (listener = listener === next ? () => {} : listener) };
      },
      dispose: () => area.remove(),
      setModel() {},
      saveViewState() {},
      restoreViewState() {},
      updateOptions() {},
      pushUndoStop() {},
      revealLine() {},
    };
  }

  function isJson(text) {
    try {
      JSON.parse(text);
      return true;
    } catch {
      return false;
    }
  }

  window.monaco = {
    Uri: { parse: (path) => path },
    editor: {
      create,
      createModel,
      getModel: () => null,
      EditorOption: {},
      setTheme() {},
      setModelLanguage() {},
      onDidChangeMarkers: () => nothing,
      getModelMarkers: () => [],
    },
  };
})();
