package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
)

const unknown = "video_123"

// operations goes through every operation of the Videos API.
func operations() any {
	inputs := os.Getenv("INPUTS")
	client := createClient()
	w := &walk{
		client:    client,
		videos:    client.Videos,
		steps:     &steps{},
		reference: must(os.ReadFile(filepath.Join(inputs, "reference.png"))),
		source:    must(os.ReadFile(filepath.Join(inputs, "source.mp4"))),
	}
	w.create()
	w.files()
	w.download()
	w.derive()
	w.character()
	w.list()
	w.delete()
	w.refusals()
	w.webhooks(filepath.Join(inputs, "webhooks.json"))
	return object{"steps": w.steps.done}
}

type walk struct {
	client    openai.Client
	videos    openai.VideoService
	steps     *steps
	reference []byte
	source    []byte
	boat      string
	made      []string
}

func (w *walk) make(step string, video *openai.Video, err error) string {
	w.made = append(w.made, need(w.steps, step, video, err).ID)
	return video.ID
}

func (w *walk) create() {
	video, err := w.videos.New(ctx, openai.VideoNewParams{
		Model:   "sora-2",
		Prompt:  "A paper boat drifts down a rainy street",
		Seconds: "4",
		Size:    "720x1280",
	})
	w.boat = w.make("create", video, err)
	content, err := w.content(w.boat, "")
	w.steps.see("download before completion", content, err)

	video, err = w.videos.New(ctx, openai.VideoNewParams{Prompt: `Ein Löwe 🦁 spielt Schach, "leise"`})
	w.make("create with defaults", video, err)

	named := openai.File(bytes.NewReader(w.reference), "reference.png", "image/png")
	video, err = w.videos.New(ctx, withReference("The picture comes alive", named))
	w.make("create with a named reference file", video, err)
	video, err = w.videos.New(ctx, withReference("The picture fades away", bytes.NewReader(w.reference)))
	w.make("create with an unlabelled reference file", video, err)

	url := "data:image/png;base64," + base64.StdEncoding.EncodeToString(w.reference)
	video, err = w.videos.New(ctx, openai.VideoNewParams{
		Prompt: "The picture turns around",
		InputReference: openai.VideoNewParamsInputReferenceUnion{
			OfImageInputReference: &openai.ImageInputReferenceParam{ImageURL: openai.String(url)},
		},
	})
	w.make("create with a reference data URL", video, err)
}

func withFileID(prompt, id string) openai.VideoNewParams {
	return openai.VideoNewParams{
		Prompt: prompt,
		InputReference: openai.VideoNewParamsInputReferenceUnion{
			OfImageInputReference: &openai.ImageInputReferenceParam{FileID: openai.String(id)},
		},
	}
}

func (w *walk) files() {
	files := w.client.Files
	kept, err := files.New(ctx, openai.FileNewParams{
		File:         openai.File(bytes.NewReader(w.reference), "reference.png", "image/png"),
		Purpose:      openai.FilePurposeVision,
		ExpiresAfter: openai.FileNewParamsExpiresAfter{Seconds: 7200},
	})
	need(w.steps, "upload a file", kept, err)
	found, err := files.Get(ctx, kept.ID)
	need(w.steps, "retrieve a file", found, err)
	query := openai.FileListParams{Limit: openai.Int(5), Order: "desc", Purpose: openai.String("vision")}
	page, err := files.List(ctx, query)
	need(w.steps, "list files", page, err)
	response, err := files.Content(ctx, kept.ID)
	need(w.steps, "download a file", object{"content": hashOf(response)}, err)
	video, err := w.videos.New(ctx, withFileID("The picture remembers", kept.ID))
	w.make("create with a file id", video, err)
	deleted, err := files.Delete(ctx, kept.ID)
	need(w.steps, "delete a file", deleted, err)
	found, err = files.Get(ctx, kept.ID)
	w.steps.see("retrieve a file that is deleted", found, err)
}

func hashOf(response *http.Response) string {
	defer response.Body.Close()
	hash := sha256.Sum256(must(io.ReadAll(response.Body)))
	return hex.EncodeToString(hash[:])
}

func withReference(prompt string, file io.Reader) openai.VideoNewParams {
	reference := openai.VideoNewParamsInputReferenceUnion{OfFile: file}
	return openai.VideoNewParams{Prompt: prompt, InputReference: reference}
}

func (w *walk) content(id string, variant openai.VideoDownloadContentParamsVariant) (object, error) {
	query := openai.VideoDownloadContentParams{Variant: variant}
	response, err := w.videos.DownloadContent(ctx, id, query)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	hash := sha256.Sum256(content)
	return object{
		"bytes":        len(content),
		"content_type": response.Header.Get("content-type"),
		"sha256":       hex.EncodeToString(hash[:]),
	}, nil
}

func (w *walk) download() {
	video, err := w.videos.PollStatus(ctx, w.boat, 0)
	need(w.steps, "wait until completed", video, err)
	content, err := w.content(w.boat, "")
	need(w.steps, "download the video", content, err)
	content, err = w.content(w.boat, "thumbnail")
	need(w.steps, "download the thumbnail", content, err)
	content, err = w.content(w.boat, "spritesheet")
	need(w.steps, "download the spritesheet", content, err)
}

func (w *walk) derive() {
	video, err := w.videos.Remix(ctx, w.boat, openai.VideoRemixParams{Prompt: "The boat is now red"})
	w.make("remix", video, err)
	video, err = w.videos.Edit(ctx, editOf("Make it snow", w.boat))
	w.make("edit by id", video, err)
	edit := openai.VideoEditParams{
		Prompt: "Make it night",
		Video:  openai.VideoEditParamsVideoUnion{OfFile: w.sourceFile()},
	}
	edit.SetExtraFields(object{"model": "sora-2"})
	video, err = w.videos.Edit(ctx, edit)
	w.make("edit by upload", video, err)

	video, err = w.videos.Extend(ctx, extensionOf("The boat sinks", w.boat))
	w.make("extend by id", video, err)
	extension := openai.VideoExtendParams{
		Prompt:  "The boat lands",
		Seconds: "8",
		Video:   openai.VideoExtendParamsVideoUnion{OfFile: w.sourceFile()},
	}
	extension.SetExtraFields(object{"model": "sora-2"})
	video, err = w.videos.Extend(ctx, extension)
	w.make("extend by upload", video, err)
}

func (w *walk) sourceFile() io.Reader {
	return openai.File(bytes.NewReader(w.source), "source.mp4", "video/mp4")
}

func editOf(prompt, id string) openai.VideoEditParams {
	source := &openai.VideoEditParamsVideoVideoReferenceInputParam{ID: id}
	video := openai.VideoEditParamsVideoUnion{OfVideoEditsVideoVideoReferenceInputParam: source}
	return openai.VideoEditParams{Prompt: prompt, Video: video}
}

func extensionOf(prompt, id string) openai.VideoExtendParams {
	source := &openai.VideoExtendParamsVideoVideoReferenceInputParam{ID: id}
	video := openai.VideoExtendParamsVideoUnion{OfVideoExtendsVideoVideoReferenceInputParam: source}
	return openai.VideoExtendParams{Prompt: prompt, Seconds: "4", Video: video}
}

func (w *walk) character() {
	params := openai.VideoNewCharacterParams{Name: "Captain Ada", Video: w.sourceFile()}
	character, err := w.videos.NewCharacter(ctx, params)
	need(w.steps, "create a character", character, err)
	found, err := w.videos.GetCharacter(ctx, character.ID)
	need(w.steps, "get a character", found, err)
	video, err := w.videos.New(ctx, withCharacter("Captain Ada waves", character.ID))
	w.make("create with a character", video, err)

	var ended []any
	for _, id := range w.made {
		ended = append(ended, shown(must(w.videos.PollStatus(ctx, id, 0))))
	}
	need(w.steps, "wait for all the others", ended, nil)
}

// withCharacter writes the form's field out: in a form, this SDK silently leaves out extra fields that are not text.
func withCharacter(prompt, id string) openai.VideoNewParams {
	params := openai.VideoNewParams{Prompt: prompt}
	params.SetExtraFields(object{"characters[][id]": id})
	return params
}

func (w *walk) page(query openai.VideoListParams) (any, error) {
	page, err := w.videos.List(ctx, query)
	if err != nil {
		return nil, err
	}
	return json.RawMessage(page.RawJSON()), nil
}

func (w *walk) list() {
	first, last := w.made[0], w.made[len(w.made)-1]
	page, err := w.page(openai.VideoListParams{Limit: openai.Int(3), Order: "desc"})
	need(w.steps, "list the newest", page, err)

	var pages [][]string
	query := openai.VideoListParams{Limit: openai.Int(2), Order: "asc", After: openai.String(first)}
	for each := must(w.videos.List(ctx, query)); each != nil; each = must(each.GetNextPage()) {
		var ids []string
		for _, video := range each.Data {
			ids = append(ids, video.ID)
		}
		pages = append(pages, ids)
	}
	need(w.steps, "list page by page", pages, nil)

	page, err = w.page(openai.VideoListParams{Order: "asc", After: openai.String(last)})
	need(w.steps, "list after the last", page, err)
}

func (w *walk) delete() {
	last := w.made[len(w.made)-1]
	deleted, err := w.videos.Delete(ctx, last)
	need(w.steps, "delete", deleted, err)
	video, err := w.videos.Get(ctx, last)
	w.steps.see("retrieve what is deleted", video, err)
	content, err := w.content(last, "")
	w.steps.see("download what is deleted", content, err)
	deleted, err = w.videos.Delete(ctx, last)
	w.steps.see("delete what is deleted", deleted, err)
	page, err := w.page(openai.VideoListParams{Limit: openai.Int(1)})
	need(w.steps, "list without what is deleted", page, err)
}

func (w *walk) refusals() {
	create := func(step string, params openai.VideoNewParams) {
		video, err := w.videos.New(ctx, params)
		w.steps.see(step, video, err)
	}
	list := func(step string, query openai.VideoListParams) {
		page, err := w.page(query)
		w.steps.see(step, page, err)
	}
	// This SDK cannot leave out a prompt: it sends an empty one. A JSON body of one's own can.
	var video openai.Video
	err := w.client.Post(ctx, "videos", object{"seconds": "4"}, &video)
	w.steps.see("create without a prompt", video, err)
	create("create with an empty prompt", openai.VideoNewParams{})
	create("create with odd seconds", openai.VideoNewParams{Prompt: "x", Seconds: "5"})
	create("create with an odd size", openai.VideoNewParams{Prompt: "x", Size: "100x100"})
	create("create with an unknown model", openai.VideoNewParams{Prompt: "x", Model: "sora-99"})
	create("create with an unknown character", withCharacter("x", "char_123"))
	list("list with a limit of 101", openai.VideoListParams{Limit: openai.Int(101)})
	list("list in no order", openai.VideoListParams{Order: "sideways"})
	list("list after what is unknown", openai.VideoListParams{After: openai.String(unknown)})

	found, err := w.videos.Get(ctx, unknown)
	w.steps.see("retrieve what is unknown", found, err)
	content, err := w.content(unknown, "")
	w.steps.see("download what is unknown", content, err)
	content, err = w.content(w.boat, "poster")
	w.steps.see("download an unknown variant", content, err)
	deleted, err := w.videos.Delete(ctx, unknown)
	w.steps.see("delete what is unknown", deleted, err)
	found, err = w.videos.Remix(ctx, unknown, openai.VideoRemixParams{Prompt: "x"})
	w.steps.see("remix what is unknown", found, err)
	found, err = w.videos.Edit(ctx, editOf("x", unknown))
	w.steps.see("edit what is unknown", found, err)
	found, err = w.videos.Extend(ctx, extensionOf("x", unknown))
	w.steps.see("extend what is unknown", found, err)
	character, err := w.videos.GetCharacter(ctx, "char_123")
	w.steps.see("get an unknown character", character, err)

	file, err := w.client.Files.Get(ctx, "file-123")
	w.steps.see("retrieve an unknown file", file, err)
	create("create with an unknown file", withFileID("x", "file-123"))

	stranger := createClient(option.WithAPIKey("not-the-key"))
	found, err = stranger.Videos.Get(ctx, w.boat)
	w.steps.see("retrieve with a wrong key", found, err)
}

type webhook struct {
	Headers map[string]string
	Body    string
}

func (w *walk) webhooks(path string) {
	var cases struct {
		Secret               string
		Valid, Tampered, Old webhook
	}
	if err := json.Unmarshal(must(os.ReadFile(path)), &cases); err != nil {
		panic(err)
	}
	unwrap := func(step string, one webhook) {
		headers := http.Header{}
		for name, value := range one.Headers {
			headers.Set(name, value)
		}
		event, err := w.client.Webhooks.Unwrap([]byte(one.Body), headers, option.WithWebhookSecret(cases.Secret))
		w.steps.see(step, event, err)
	}
	unwrap("unwrap a webhook", cases.Valid)
	unwrap("unwrap a tampered webhook", cases.Tampered)
	unwrap("unwrap an old webhook", cases.Old)
}
