"""The routes that change the articles. The guard lets only those pass who may edit."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, File, Form, HTTPException, Query, Request, UploadFile
from fastapi.responses import JSONResponse

from assistant.assistant import Assistant
from assistant.ingest.bin import Removed
from assistant.support.errors import AssistantError
from assistant.web.api import schemas
from assistant.web.api.errors import Problem, body, problem
from assistant.web.api.schemas import failures
from assistant.web.gate.principal import Seen

NO_ARTICLE = "There is no article with this id. It may have changed."

REFUSED = failures({403: "You may not edit.", 422: "A field, a name or a file is of no use."})
MISSING = failures({404: "There is no such thing."})
TAKEN = failures({409: "There is such a file."})

Source = Annotated[str, Query(description="Its path in the corpus, or its web address.")]


def add_routes(router: APIRouter, seen: Seen) -> None:
    """Add the routes for files, their details, the bin and the sync."""
    editing = APIRouter(tags=["Editing"], responses=REFUSED)
    _add_intake(editing, seen)
    _add_removal(editing, seen)
    _add_bin(editing, seen)
    _add_pause(editing, seen)
    router.include_router(editing)


def _add_intake(router: APIRouter, seen: Seen) -> None:
    @router.post(
        "/articles",
        summary="Put in files and web pages",
        status_code=201,
        response_model=schemas.Intake,
        responses=TAKEN,
    )
    def add(
        request: Request,
        files: Annotated[
            list[UploadFile], File(description="Files of any kind that is read.")
        ] = [],  # noqa: B006
        addresses: Annotated[list[str], Form(description="Addresses of web pages.")] = [],  # noqa: B006
        folder: Annotated[str, Form(description="The folder of the corpus for the files.")] = "",
        replace: Annotated[bool, Form(description="Whether to replace files.")] = False,
    ) -> JSONResponse:
        """Puts files into the corpus and web pages on its list, and has them read.

        Each is in `added` or `refused`. If all are refused, the status and `error` are those of
        the first: `409` if there is a file of that name already and `replace` is false.
        """
        editor = seen(request).editor
        puts: list[tuple[str, Callable[[], str]]] = []
        for file in files:
            name, data = file.filename or "", file.file.read()
            put = partial(editor.put_file, name, data, folder=folder, replace=replace)
            puts.append((name, put))
        puts += [(one, partial(editor.put_address, one)) for one in addresses]
        return _intake(puts)

    @router.get("/files", summary="See what became of a file", responses=MISSING)
    def state(request: Request, source: Source) -> schemas.FileBody:
        """Says whether a file that was put in has been read, and as what."""
        view = seen(request)
        found = view.editor.state(source)
        article = next((a for a in view.articles() if a.id == found.article), None)
        entry = schemas.ArticleEntry.model_validate(article) if article else None
        return schemas.FileBody(
            source=found.source, state=found.state, error=found.error, article=entry
        )


def _add_removal(router: APIRouter, seen: Seen) -> None:
    @router.delete("/articles/{id}", summary="Remove an article", responses=MISSING)
    def remove(request: Request, id: str) -> schemas.BinBody:
        """Moves the files that hold an article to the bin."""
        view = seen(request)
        return _told(view.editor.remove(_sources(view, id)))

    @router.delete("/files", summary="Remove a file", responses=MISSING)
    def remove_file(request: Request, source: Source) -> schemas.BinBody:
        """Moves a file, such as one that could not be read, to the bin."""
        return _told(seen(request).editor.remove([source]))

    @router.patch("/articles/{id}", summary="Change title, date or language", responses=MISSING)
    def edit(request: Request, id: str, given: schemas.DetailsRequest) -> schemas.ChangedSources:
        """Gives an article other details than its file says. It is read anew, with a new id."""
        view = seen(request)
        sources = _sources(view, id)
        view.editor.edit(sources, given.model_dump(exclude_unset=True))
        return schemas.ChangedSources(sources=sources)


def _add_bin(router: APIRouter, seen: Seen) -> None:
    @router.get("/bin", summary="See what was removed")
    def removed(request: Request) -> schemas.BinBody:
        """Lists the files and web pages that can be restored."""
        return _told(seen(request).editor.removed())

    @router.post("/bin/{id}", summary="Restore", responses={**MISSING, **TAKEN})
    def restore(request: Request, id: str) -> schemas.RemovedFile:
        """Puts something back where it was, with its details."""
        return schemas.RemovedFile.model_validate(seen(request).editor.restore(id))

    @router.delete("/bin/{id}", summary="Delete for good", responses=MISSING)
    def delete(request: Request, id: str) -> schemas.RemovedFile:
        """Deletes something in the bin for good."""
        return schemas.RemovedFile.model_validate(seen(request).editor.delete(id))


def _add_pause(router: APIRouter, seen: Seen) -> None:
    @router.post("/sync", summary="Pause the sync, or let it go on")
    def pause(request: Request, given: schemas.PauseRequest) -> schemas.PauseRequest:
        """Pauses the reading and embedding of articles after the current batch, or resumes it."""
        seen(request).pause_sync(given.paused)
        return given


def _intake(puts: list[tuple[str, Callable[[], str]]]) -> JSONResponse:
    """Do all of ``puts``, and tell what became of each thing given."""
    added: list[dict[str, str]] = []
    refused: list[Problem] = []
    told: list[dict[str, str]] = []
    for given, put in puts:
        try:
            added.append({"given": given, "source": put()})
        except AssistantError as error:
            refused.append(problem(error))
            told.append({"given": given, **body(refused[-1])["error"]})
    if not puts:
        raise HTTPException(422, "Send files or addresses, as multipart/form-data.")
    content: dict[str, Any] = {"added": added, "refused": told}
    if added:
        return JSONResponse(content, 201)
    return JSONResponse(content | body(refused[0]), refused[0].status)


def _sources(view: Assistant, article_id: str) -> list[str]:
    """The sources of an article that its asker may see. Raises 404 if there is none."""
    found = next((one for one in view.articles() if one.id == article_id), None)
    if found is None:
        raise HTTPException(404, NO_ARTICLE)
    return list(found.sources)


def _told(removed: list[Removed]) -> schemas.BinBody:
    return schemas.BinBody(removed=[schemas.RemovedFile.model_validate(one) for one in removed])
