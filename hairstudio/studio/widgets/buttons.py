"""Buttons, labels and rules as the style sheet knows them."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton, QWidget

from hairstudio.studio import icons


def button(
    text: str = "",
    icon: str = "",
    *,
    kind: str = "",
    name: str = "",
    tip: str = "",
    checkable: bool = False,
    size: tuple[int, int] | None = None,
    icon_size: int = 18,
) -> QToolButton:
    """A button of one of the sheet's kinds: outlined, segment, primary, bare, link. ``name``: what
    a screen reader says where there is no ``text``."""
    made = QToolButton()
    made.setText(f" {text}" if text and icon else text)
    made.setCheckable(checkable)
    _dress(made, kind, icon, icon_size, bool(text))
    made.setToolTip(tip or name)
    made.setAccessibleName(name or text)
    _size(made, size)
    return made


def of_action(
    action: QAction, *, kind: str = "", words: bool = False, size: tuple[int, int] | None = None,
    icon_size: int = 20,
) -> QToolButton:  # fmt: skip
    """A button that does what an action of the table does."""
    made = QToolButton()
    made.setDefaultAction(action)
    made.setProperty("kind", kind)
    made.setIconSize(QSize(icon_size, icon_size))
    made.setAccessibleName(action.text().replace("&", "").rstrip("…"))
    set_words(made, words)
    made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    _size(made, size)
    return made


def set_words(made: QToolButton, words: bool) -> None:
    """Icon and text, or the icon alone."""
    beside = Qt.ToolButtonStyle.ToolButtonTextBesideIcon
    made.setToolButtonStyle(beside if words else Qt.ToolButtonStyle.ToolButtonIconOnly)
    if made.property("words") is not words:
        made.setProperty("words", words)  # Qt leaves room behind the text: the sheet evens it
        made.style().polish(made)


def _size(made: QToolButton, size: tuple[int, int] | None) -> None:
    if size is None:
        made.setFixedHeight(28)
    else:
        made.setFixedSize(*size)


def _dress(made: QToolButton, kind: str, icon: str, icon_size: int, words: bool) -> None:
    made.setProperty("kind", kind)
    made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    if not icon:
        return
    on_fill = kind == "primary"
    made.setIcon(
        icons.icon(icon, "onfill" if on_fill else "text", "onfill" if on_fill else "accent")
    )
    made.setIconSize(QSize(icon_size, icon_size))
    set_words(made, words)


def segments(*parts: QWidget) -> QWidget:
    """Buttons side by side that share their borders."""
    group = QWidget()
    row = QHBoxLayout(group)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(0)
    for index, each in enumerate(parts):
        each.setProperty("kind", "segment")
        ends = {0: "first", len(parts) - 1: "last"}
        each.setProperty("end", ends.get(index, ""))
        row.addWidget(each)
    return group


def label(text: str = "", kind: str = "") -> QLabel:
    made = QLabel(text)
    made.setProperty("kind", kind)
    made.setTextFormat(Qt.TextFormat.PlainText)
    if kind == "key":
        made.setFixedHeight(18)
    return made


def rule(vertical: bool = False, length: int | None = None) -> QFrame:
    """A line of one pixel."""
    made = QFrame()
    made.setObjectName("rule")
    if vertical:
        made.setFixedWidth(1)
        made.setFixedHeight(length or 20)
    else:
        made.setFixedHeight(1)
        if length:
            made.setFixedWidth(length)
    return made


def reason(widget: QWidget, text: str, usual: str = "") -> None:
    """Disable a control because of ``text``; enable it when that is empty."""
    widget.setEnabled(not text)
    if widget.toolTip() != (text or usual):
        widget.setToolTip(text or usual)
