package main

import (
	"net/http"
	"os"
	"strconv"
	"sync"
	"time"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
)

// creates does the same create COUNT times at once, with the SDK's own retries, and waits for each video.
func creates() any {
	count := must(strconv.Atoi(os.Getenv("COUNT")))
	timeout := must(time.ParseDuration(os.Getenv("TIMEOUT_MS") + "ms"))
	// The SDK's own request timeout ends a call for good; a client's is a failed try like any other.
	client := createClient(option.WithHTTPClient(&http.Client{Timeout: timeout}))
	outcomes := make([]object, count)
	var all sync.WaitGroup
	for i := range outcomes {
		all.Go(func() { outcomes[i] = createAndHold(client) })
	}
	all.Wait()
	return outcomes
}

func createAndHold(client openai.Client) object {
	params := openai.VideoNewParams{Prompt: os.Getenv("PROMPT"), Seconds: "4"}
	video, err := client.Videos.New(ctx, params)
	if err != nil {
		return object{"error": shownError(err)}
	}
	ended, err := client.Videos.PollStatus(ctx, video.ID, 250)
	if err != nil {
		return object{"error": shownError(err)}
	}
	return object{"id": video.ID, "status": ended.Status}
}
