// Read two regions of a picture: go run read_regions.go PICTURE
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/url"
	"os"
	"strings"
)

const path = "/v5.0/ocr/RecognizeRegions"

type rect struct {
	TopLeftX     int `json:"topLeftX"`
	TopLeftY     int `json:"topLeftY"`
	BottomRightX int `json:"bottomRightX"`
	BottomRightY int `json:"bottomRightY"`
}

type region struct {
	Order int  `json:"order"`
	Rect  rect `json:"rect"`
}

type settings struct {
	Language   string   `json:"language"`
	ResultType string   `json:"resultType"`
	Regions    []region `json:"regions"`
}

type task struct {
	Image    []byte   `json:"image"` // encoding/json writes bytes as Base64
	Settings settings `json:"settings"`
}

type answer struct {
	TaskStatus string `json:"taskStatus"`
	Results    []struct {
		Data []byte `json:"data"`
	} `json:"results"`
	Error *struct {
		Messages []string `json:"messages"`
	} `json:"error"`
}

func main() {
	base := os.Getenv("WHALELINE_URL")
	if base == "" {
		base = "http://127.0.0.1:8080"
	}

	// 1. Get an access token. It is valid for an hour.
	form := url.Values{
		"grant_type":    {"client_credentials"},
		"client_id":     {os.Getenv("WHALELINE_ID")},
		"client_secret": {os.Getenv("WHALELINE_SECRET")},
	}
	var token struct {
		AccessToken string `json:"access_token"`
	}
	decode(send(request("POST", base+"/connect/token", strings.NewReader(form.Encode()),
		"application/x-www-form-urlencoded", "")), &token)

	// 2. Post the picture and its regions.
	image, err := os.ReadFile(os.Args[1])
	check(err)
	body, err := json.Marshal(task{image, settings{"English", "Text", []region{
		{1, rect{0, 0, 700, 60}},
		{2, rect{0, 120, 700, 180}},
	}}})
	check(err)
	id := string(send(request("POST", base+path, bytes.NewReader(body), "application/json", token.AccessToken)))

	// 3. Fetch the result. This waits up to 20 seconds; a task that takes longer is Pending or Processing then.
	var result answer
	for result.TaskStatus == "" || result.TaskStatus == "Pending" || result.TaskStatus == "Processing" {
		decode(send(request("GET", base+path+"?id="+url.QueryEscape(id), nil, "", token.AccessToken)), &result)
	}
	if result.TaskStatus != "Completed" {
		log.Fatal(result.TaskStatus, result.Error)
	}
	for _, each := range result.Results {
		fmt.Println(string(each.Data))
	}
}

func request(method, url string, body io.Reader, media, token string) *http.Request {
	made, err := http.NewRequest(method, url, body)
	check(err)
	if media != "" {
		made.Header.Set("Content-Type", media)
	}
	if token != "" {
		made.Header.Set("Authorization", "Bearer "+token)
	}
	return made
}

func send(request *http.Request) []byte {
	response, err := http.DefaultClient.Do(request)
	check(err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	check(err)
	if response.StatusCode != http.StatusOK {
		log.Fatal(response.Status, ": ", string(body))
	}
	return body
}

func decode(data []byte, into any) {
	check(json.Unmarshal(data, into))
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
